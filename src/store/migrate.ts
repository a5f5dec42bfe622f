import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery, type Migration, Migrator } from 'kysely';
import type { Db } from './database';

const folder = join(__dirname, 'migrations');

/** Migrations are plain SQL files, applied in the order of their names; applied ones are never edited. */
async function migrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const entries = names.map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(join(folder, name), 'utf8');
    return [name.replace(/\.sql$/, ''), { up: async (db) => void (await db.executeQuery(CompiledQuery.raw(text))) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Brings the schema to its newest form, in one transaction and under an advisory lock, so that replicas which start
 * together run it once. Gives the names of what was applied; throws when the database knows a migration that this
 * program does not.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  if (await isMigrated(db)) return [];
  const { error, results = [] } = await migrator(db).migrateToLatest();
  const failed = results.find((result) => result.status === 'Error');
  if (error) throw new Error(`Migration ${failed?.migrationName ?? ''} failed: ${(error as Error).message}`, { cause: error });
  return results.map((result) => result.migrationName);
}

const migrator = (db: Db) => new Migrator({ db, provider: { getMigrations: migrations } });

/** Whether every migration of this program is applied; one statement, so that a warm start and /ready stay quick. */
export async function isMigrated(db: Db): Promise<boolean> {
  const names = Object.keys(await migrations());
  try {
    const { rows } = await db.executeQuery<{ name: string }>(CompiledQuery.raw('select name from kysely_migration'));
    const applied = new Set(rows.map((row) => row.name));
    return names.length === applied.size && names.every((name) => applied.has(name));
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return false;
    throw error;
  }
}
