import cors from 'cors';

/** What pages of other origins may send and read; a gateway that answers in Portolan's place allows the same. */
export const crossOriginRules = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: [
    'Authorization',
    'Content-Type',
    'If-Match',
    'If-None-Match',
    'Idempotency-Key',
    'X-Request-Id',
    'X-Dry-Run',
    'Last-Event-ID',
    'X-Vcap-Request-Id',
    'X-B3-TraceId',
    'X-B3-SpanId',
  ],
  exposedHeaders: [
    'ETag',
    'Location',
    'Retry-After',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'Idempotent-Replayed',
    'X-Request-Id',
    'X-VCAP-Request-ID',
    'X-RateLimit-Limit',
    'X-RateLimit-Remaining',
    'X-RateLimit-Reset',
    'X-Cf-Warnings',
    'Deprecation',
    'Sunset',
    'Link',
  ],
  maxAge: 600,
};

/** The middleware for these origins; `*` is any. `more` are headers that are allowed and exposed besides. */
export function crossOrigin(origin: string[], more?: { allowed: readonly string[]; exposed: readonly string[] }) {
  return cors({
    ...crossOriginRules,
    origin: origin.includes('*') ? '*' : origin,
    allowedHeaders: [...crossOriginRules.allowedHeaders, ...(more?.allowed ?? [])],
    exposedHeaders: [...crossOriginRules.exposedHeaders, ...(more?.exposed ?? [])],
  });
}
