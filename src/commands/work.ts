import { type Config, ConfigError } from '../config/config';
import { createContext, createLog } from '../context';
import { boot } from './boot';
import { openConfiguredDatabase } from './database';
import { listenForMetrics, urlOf } from './listeners';
import { type Running, unwinding } from './running';
import { startProcessWorker } from './worker';

/** Runs jobs and nothing else. It listens on no port, except for metrics when METRICS_PORT asks for them. */
export async function work(config: Config, print: (text: string) => void): Promise<Running> {
  const log = createLog(config.logLevel);
  const opened = await openConfiguredDatabase(config, log).catch(explainTakenFolder);
  const running = unwinding(log);
  running.onStop(opened.close);
  try {
    const context = createContext({ config, databaseUrl: opened.url, keyring: opened.keyring, log });
    running.onStop(context.close);
    await boot(context);
    const metrics = config.metricsPortGiven ? await listenForMetrics(context, log) : undefined;
    if (metrics) running.onStop(() => metrics.stop(0));
    const worker = await startProcessWorker(context);
    running.onStop(worker.stop);
    print(`Portolan works on jobs, ${config.workerConcurrency} at a time${metrics ? `; metrics ${urlOf(metrics)}/metrics` : ''}`);
    log.info('working');
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** The embedded database belongs to the process that holds its folder, and that one works already. */
function explainTakenFolder(error: unknown): never {
  if ((error as Error)?.name !== 'FolderInUse') throw error;
  throw new ConfigError(
    `${(error as Error).message}\n\`portolan serve\` runs a worker by itself. For workers of their own give all processes the same DATABASE_URL and PORTOLAN_MASTER_KEYS.`,
  );
}
