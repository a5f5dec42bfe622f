import type { Config } from '../config/config';
import { createLog } from '../context';
import { migrateQueue } from '../jobs/queueSchema';
import { openDatabase } from '../store/database';
import { migrateToLatest } from '../store/migrate';
import { openConfiguredDatabase } from './database';

/** Brings the schema to its newest form and ends; for set-ups that migrate before they roll out. */
export async function migrate(config: Config, print: (text: string) => void): Promise<void> {
  const opened = await openConfiguredDatabase(config, createLog('warn'));
  const database = openDatabase({ connectionString: opened.url, poolSize: 2, applicationName: 'portolan migrate' });
  try {
    const applied = await migrateToLatest(database.db);
    if (await migrateQueue(database)) applied.push('queue');
    print(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.join(', ')}`);
  } finally {
    await database.close();
    await opened.close();
  }
}
