import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Exchange } from './exchange';

export interface Telemetry {
  /** One log line and one measurement for an ended request. */
  ended(exchange: Exchange, status: number, aborted: boolean): void;
  /** Connections that were refused because there are too many. */
  refusedConnection(): void;
  /** A refresh of a registry connection ended. */
  refreshed(status: string): void;
  /** Prometheus text. */
  exposition(): Promise<string>;
}

type Observer = { observe(seconds: number): void };

/** Logs and measures requests. The log names who and what, never a header, a body or a query. */
export function createTelemetry(log: Logger, registryRequests: () => number = () => 0): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'portolan_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const refused = new Counter({
    name: 'portolan_refused_connections_total',
    help: 'Connections closed at once because MAX_CONNECTIONS were open.',
    registers: [registry],
  });
  const refreshes = new Counter({
    name: 'portolan_registry_refreshes_total',
    help: 'Refreshes of registry connections that this process ended.',
    labelNames: ['status'],
    registers: [registry],
  });
  new Counter({
    name: 'portolan_registry_requests_total',
    help: 'Requests that this process sent to registries.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(registryRequests());
    },
  });
  const observers = new Map<string, Observer>();
  const observerOf = (operation: string, status: number): Observer => {
    const key = `${operation} ${status}`;
    let observer = observers.get(key);
    if (!observer) {
      observer = durations.labels(operation, String(status));
      observers.set(key, observer);
    }
    return observer;
  };
  return {
    ended(exchange, status, aborted) {
      const durationMs = performance.now() - exchange.startedAtMs;
      const { principal, stream } = exchange;
      const answeredMs = stream ? stream.openedAtMs - exchange.startedAtMs : durationMs;
      observerOf(exchange.operationId, status).observe(answeredMs / 1000);
      const line = {
        requestId: exchange.requestId,
        operationId: exchange.operationId,
        method: exchange.request.method,
        status,
        durationMs: Math.round(durationMs * 1000) / 1000,
        principal: principal ? `${principal.kind}:${principal.id}` : null,
        address: exchange.clientAddress,
      };
      if (exchange.defect !== undefined) log.error({ ...line, err: exchange.defect }, 'request failed');
      else if (stream) log.info({ ...line, endedBy: stream.end ?? 'client' }, 'stream ended');
      else if (aborted) log.info({ ...line, aborted: true }, 'request aborted');
      else log.info(line, 'request');
    },
    refusedConnection: () => refused.inc(),
    refreshed: (status) => refreshes.labels(status).inc(),
    exposition: () => registry.metrics(),
  };
}
