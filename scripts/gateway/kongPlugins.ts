import { crossOriginRules } from '../../src/http/crossOrigin';
import { refusalScripts } from './kongRefusals';
import type { GatewayOptions } from './options';

/** Plugins that come with Kong. Those of a service stand there; the others are for all. */
export function kongPlugins({ corsOrigins }: GatewayOptions): object[] {
  return [
    // Only where the client sent none. Portolan answers with it.
    { name: 'correlation-id', config: { header_name: 'X-Request-Id', generator: 'uuid', echo_downstream: false } },
    { name: 'request-termination', route: 'nowhere', config: { status_code: 404, message: 'Nowhere' } },
    { name: 'post-function', config: refusalScripts() },
    ...(corsOrigins ? [cors(corsOrigins)] : []),
  ];
}

const cors = (origins: string[]) => ({
  name: 'cors',
  config: {
    origins,
    methods: crossOriginRules.methods,
    headers: crossOriginRules.allowedHeaders,
    exposed_headers: crossOriginRules.exposedHeaders,
    max_age: crossOriginRules.maxAge,
    credentials: false,
    preflight_continue: false,
  },
});

/** What a body may have. */
export const sizeOf = (bytes: number) => ({
  name: 'request-size-limiting',
  config: { allowed_payload_size: bytes, size_unit: 'bytes', require_content_length: false },
});

/**
 * Twice what Portolan allows: one minute of Kong lies in two of Portolan's, and nothing is refused that it takes. Without an
 * Authorization header Kong counts by address. Its own headers would take the place of Portolan's.
 */
export function limitedBy(limit: 'principal' | 'address' | 'none', { principalLimit, addressLimit }: GatewayOptions): object[] {
  const requests = limit === 'principal' ? principalLimit : addressLimit;
  if (limit === 'none' || requests === null) return [];
  const by = limit === 'principal' ? { limit_by: 'header', header_name: 'Authorization' } : { limit_by: 'ip' };
  return [
    {
      name: 'rate-limiting',
      config: { minute: 2 * requests, ...by, policy: 'local', fault_tolerant: true, hide_client_headers: true },
    },
  ];
}
