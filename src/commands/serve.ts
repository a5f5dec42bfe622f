import type { Logger } from 'pino';
import type { Config } from '../config/config';
import { type Context, createContext, createLog } from '../context';
import { type RunningServer, startServer } from '../http/server';
import { type BootResult, boot } from './boot';
import { openConfiguredDatabase } from './database';
import { work } from './work';

export interface Serving {
  url: string;
  context: Context;
  /** Stops accepting, finishes what runs, ends. */
  stop(): Promise<void>;
}

/** Starts the whole service and gives control back once it answers. `print` gets what a person should read. */
export async function serve(config: Config, print: (text: string) => void): Promise<Serving> {
  const log = createLog(config.logLevel);
  const opened = await openConfiguredDatabase(config, log);
  const closers: (() => Promise<void>)[] = [opened.close];
  const unwind = async () => {
    for (const close of closers.reverse()) await close().catch((error: unknown) => log.error({ err: error }, 'closing failed'));
  };
  try {
    const context = createContext({ config, databaseUrl: opened.url, keyring: opened.keyring, log });
    closers.push(context.close);
    const booted = await boot(context);
    const server = await listen(context);
    context.listenUrl = urlOf(server);
    await opened.describe(context.listenUrl);
    const metrics = await listenForMetrics(context, log);
    print(banner(context, booted, metrics));
    // Not waited for: requests are answered meanwhile.
    const working = work(context).catch((error: unknown) => void log.error({ err: error }, 'the worker did not start'));
    log.info({ url: context.listenUrl, migrations: booted.migrations }, 'serving');
    const stop = once(async () => {
      log.info('stopping');
      context.drain();
      await Promise.all([server.stop(config.shutdownGraceMs), metrics?.stop(0), working.then((worker) => worker?.stop())]);
      await unwind();
      log.info('stopped');
      log.flush();
    });
    return { url: context.listenUrl, context, stop };
  } catch (error) {
    await unwind();
    throw error;
  }
}

function listen({ app, config, telemetry }: Context): Promise<RunningServer> {
  const { host, port, maxConnections, headersTimeoutMs, requestTimeoutMs } = config;
  const limits = { maxConnections, headersTimeoutMs, requestTimeoutMs };
  return startServer(app, { host, port, ...limits, onRefusedConnection: telemetry.refusedConnection });
}

/** A port that was not asked for and is taken is no reason not to serve. */
async function listenForMetrics({ metricsApp, config }: Context, log: Logger): Promise<RunningServer | undefined> {
  if (config.metricsPort === null) return undefined;
  const limits = { maxConnections: 100, headersTimeoutMs: 10_000, requestTimeoutMs: 10_000, onRefusedConnection: () => {} };
  try {
    return await startServer(metricsApp, { host: config.metricsHost, port: config.metricsPort, ...limits });
  } catch (error) {
    if (config.metricsPortGiven) throw new Error((error as Error).message.replace('Set PORT', 'Set METRICS_PORT'), { cause: error });
    log.warn(`metrics are not served: port ${config.metricsPort} is taken; set METRICS_PORT to another one, or to off`);
    return undefined;
  }
}

const urlOf = ({ host, port }: RunningServer): string =>
  `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;

function banner(context: Context, { admin }: BootResult, metrics: RunningServer | undefined): string {
  const url = context.config.publicUrl ?? context.listenUrl;
  const lines = ['', `Portolan answers at ${url}`, `  reference  ${url}/api/docs`, `  contract   ${url}/openapi.json`];
  if (metrics) lines.push(`  metrics    ${urlOf(metrics)}/metrics`);
  if (context.config.databaseUrl === null) lines.push(`  data       ${context.config.dataDir}`);
  if (admin) {
    lines.push('', `First administrator: ${admin.email}`);
    lines.push(
      admin.generatedPassword === null
        ? 'Password: as set in ADMIN_PASSWORD'
        : `Password: ${admin.generatedPassword}   (shown this once; change it after the first login)`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
