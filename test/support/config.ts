import { type Config, readConfig } from '../../src/config/config';
import { parseMasterKeys } from '../../src/config/keys';

export const adminEmail = 'admin@portolan.local';
export const adminPassword = 'correct horse battery staple';
export const testKeyring = parseMasterKeys(`k1:${Buffer.alloc(32, 7).toString('base64')}`);

/** A configuration for tests: silent, on a free port, with limits that no test meets by accident. */
export function testConfig(variables: Record<string, string> = {}): Config {
  return readConfig({
    PORT: '0',
    METRICS_PORT: 'off',
    LOG_LEVEL: 'silent',
    ADMIN_PASSWORD: adminPassword,
    DATABASE_POOL_SIZE: '10',
    RATE_LIMIT_PRINCIPAL: '1000000',
    RATE_LIMIT_ADDRESS: '1000000',
    RATE_LIMIT_LOGIN_ADDRESS: '1000000',
    RATE_LIMIT_LOGIN_ACCOUNT: '1000000',
    ...variables,
  });
}
