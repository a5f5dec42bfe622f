/** The only reader of process.env. */
export const env = (): NodeJS.ProcessEnv => process.env;

const secrets = ['PORTOLAN_MASTER_KEYS', 'MASTER_KEY', 'ADMIN_PASSWORD', 'DATABASE_URL'];

/** All settings. Secrets leave the environment with this: a report of a crash, or another process, would find them there. */
export function takeEnv(): NodeJS.ProcessEnv {
  const all = { ...process.env };
  for (const name of secrets) delete process.env[name];
  return all;
}
