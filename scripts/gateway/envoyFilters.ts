import { crossOriginRules } from '../../src/http/crossOrigin';
import { extension, typed } from './envoyTypes';
import type { GatewayModel } from './model';
import type { GatewayOptions } from './options';

/** What each request passes, in order: pages of other origins, limits, size, and the way to Portolan. */
export function envoyFilters(model: GatewayModel, options: GatewayOptions): object[] {
  const isLimited = options.addressLimit !== null || options.principalLimit !== null;
  return [
    ...(options.corsOrigins ? [extension('envoy.filters.http.cors', 'envoy.extensions.filters.http.cors.v3.Cors')] : []),
    ...(isLimited ? [extension('envoy.filters.http.local_ratelimit', localRateLimit, limits(options))] : []),
    extension('envoy.filters.http.buffer', 'envoy.extensions.filters.http.buffer.v3.Buffer', {
      max_request_bytes: model.defaultBodyBytes,
    }),
    extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', { suppress_envoy_headers: true }),
  ];
}

const localRateLimit = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

/** A token by itself; without one, the address. Buckets that were not used for longest are forgotten first. */
function limits({ addressLimit, principalLimit }: GatewayOptions) {
  const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
  const bearer = (expect_match: boolean, descriptor_value: string) => ({
    header_value_match: {
      descriptor_value,
      expect_match,
      headers: [{ name: 'authorization', string_match: { safe_regex: { regex: '(?i)bearer .+' } } }],
    },
  });
  const byPrincipal = {
    actions: [bearer(true, 'principal'), { request_headers: { header_name: 'authorization', descriptor_key: 'token' } }],
  };
  const byAddress = { actions: [bearer(false, 'address'), { remote_address: {} }] };
  return {
    stat_prefix: 'portolan',
    filter_enabled: { runtime_key: 'portolan.limits', ...always },
    filter_enforced: { runtime_key: 'portolan.limits_enforced', ...always },
    max_dynamic_descriptors: 50_000,
    rate_limits: [...(principalLimit === null ? [] : [byPrincipal]), ...(addressLimit === null ? [] : [byAddress])],
    descriptors: [
      ...(principalLimit === null ? [] : [descriptor('principal', 'token', principalLimit)]),
      ...(addressLimit === null ? [] : [descriptor('address', 'remote_address', addressLimit)]),
    ],
  };
}

/** Twice what Portolan allows may come at once, since its minutes begin when they like: nothing is refused that it takes. */
const descriptor = (value: string, key: string, limit: number) => ({
  entries: [{ key: 'header_match', value }, { key }],
  token_bucket: { max_tokens: 2 * limit, tokens_per_fill: Math.ceil(limit / 60), fill_interval: '1s' },
});

/** What pages of these origins may send and read. */
export const corsPolicy = (origins: string[]) =>
  typed('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    allow_origin_string_match: origins.includes('*') ? [{ safe_regex: { regex: '.*' } }] : origins.map((exact) => ({ exact })),
    allow_methods: crossOriginRules.methods.join(','),
    allow_headers: crossOriginRules.allowedHeaders.join(','),
    expose_headers: crossOriginRules.exposedHeaders.join(','),
    max_age: String(crossOriginRules.maxAge),
  });
