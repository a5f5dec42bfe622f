import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { hashPassword } from '../auth/passwords';
import type { Context } from '../context';
import { migrateQueue } from '../jobs/queueSchema';
import { ensureProtectedEnvironment, hasAdmin, insertFirstAdmin, lockBoot } from '../store/boot';
import { migrateToLatest } from '../store/migrate';
import { loadTypes } from './loadTypes';

export interface BootResult {
  migrations: string[];
  /** The first administrator, when this start made one; the password only when it was generated. */
  admin: { email: string; generatedPassword: string | null } | null;
}

/**
 * What a start makes sure of, in order: schemas of Portolan and of the queue, settings, environment `management`, administrator, login keys, type files.
 * Each step can be repeated, and replicas that start together do each one once. An existing user is never changed.
 */
export async function boot({ config, database, loginTokens, liveSettings }: Context): Promise<BootResult> {
  const migrations = await migrateToLatest(database.db);
  await migrateQueue(database);
  await liveSettings.refresh();
  const admin = await database.transact(async (tx) => {
    await lockBoot(tx);
    await ensureProtectedEnvironment(tx, uuidv7(), 'management');
    if (await hasAdmin(tx)) return null;
    const generatedPassword = config.adminPassword === null ? randomBytes(15).toString('base64url') : null;
    const passwordHash = await hashPassword(config.adminPassword ?? (generatedPassword as string));
    const made = await insertFirstAdmin(tx, uuidv7(), config.adminEmail, passwordHash);
    return made ? { email: config.adminEmail, generatedPassword } : null;
  });
  await loginTokens.rotate();
  await loadTypes({ database, typesDir: config.typesDir, now: () => new Date() });
  return { migrations, admin };
}
