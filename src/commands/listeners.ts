import type { Logger } from 'pino';
import type { Context } from '../context';
import { type RunningServer, startServer } from '../http/server';

/** A port that was not asked for and is taken is no reason not to serve. */
export async function listenForMetrics({ metricsApp, config }: Context, log: Logger): Promise<RunningServer | undefined> {
  if (config.metricsPort === null) return undefined;
  const limits = { maxConnections: 100, headersTimeoutMs: 10_000, requestTimeoutMs: 10_000, onRefusedConnection: () => {} };
  try {
    return await startServer(metricsApp, { host: config.metricsHost, port: config.metricsPort, ...limits });
  } catch (error) {
    if (config.metricsPortGiven)
      throw new Error((error as Error).message.replace('Set PORT', 'Set METRICS_PORT'), { cause: error });
    log.warn(`metrics are not served: port ${config.metricsPort} is taken; set METRICS_PORT to another one, or to off`);
    return undefined;
  }
}

/** Where a person reaches a listener. */
export const urlOf = ({ host, port }: RunningServer): string =>
  `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
