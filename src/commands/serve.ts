import type { Config } from '../config/config';
import { type Context, createContext, createLog } from '../context';
import { type RunningServer, startServer } from '../http/server';
import { type BootResult, boot } from './boot';
import { openConfiguredDatabase } from './database';
import { listenForMetrics, urlOf } from './listeners';
import { type Running, unwinding } from './running';
import { startProcessWorker } from './worker';

export interface Serving extends Running {
  url: string;
  context: Context;
}

/** Starts the whole service and gives control back once it answers. `print` gets what a person should read. */
export async function serve(config: Config, print: (text: string) => void): Promise<Serving> {
  const log = createLog(config.logLevel);
  const opened = await openConfiguredDatabase(config, log);
  const running = unwinding(log);
  running.onStop(opened.close);
  try {
    const context = createContext({ config, databaseUrl: opened.url, keyring: opened.keyring, log });
    running.onStop(context.close);
    const booted = await boot(context);
    const server = await listen(context);
    context.listenUrl = urlOf(server);
    await opened.describe(context.listenUrl);
    const metrics = await listenForMetrics(context, log);
    print(banner(context, booted, metrics));
    // Not waited for: requests are answered meanwhile.
    const working = config.worker ? startProcessWorker(context) : Promise.resolve(undefined);
    working.catch((error: unknown) => log.error({ err: error }, 'the worker did not start'));
    log.info({ url: context.listenUrl, migrations: booted.migrations }, 'serving');
    running.onStop(async () => {
      context.drain();
      const worker = working.then(
        (started) => started?.stop(),
        () => undefined,
      );
      await Promise.all([server.stop(config.shutdownGraceMs), metrics?.stop(0), worker]);
    });
    return { url: context.listenUrl, context, stop: running.stop };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

function listen({ app, config, telemetry }: Context): Promise<RunningServer> {
  const { host, port, maxConnections, headersTimeoutMs, requestTimeoutMs } = config;
  const limits = { maxConnections, headersTimeoutMs, requestTimeoutMs };
  return startServer(app, { host, port, ...limits, onRefusedConnection: telemetry.refusedConnection });
}

function banner(context: Context, { admin }: BootResult, metrics: RunningServer | undefined): string {
  const url = context.publicUrl();
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
