import { crossOriginRules } from '../../src/http/crossOrigin';
import type { GatewayOptions } from './options';

/** Those of Portolan are left out, lest there be two of each. */
export function corsHeaders({ corsOrigins }: GatewayOptions): string[] {
  if (!corsOrigins) return [];
  const names = ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers'];
  return [
    ...names.map((name) => `proxy_hide_header ${name};`),
    'add_header Access-Control-Allow-Origin $portolan_origin always;',
    `add_header Access-Control-Expose-Headers '${crossOriginRules.exposedHeaders.join(',')}' always;`,
    ...(corsOrigins.includes('*') ? [] : ['add_header Vary Origin always;']),
  ];
}
