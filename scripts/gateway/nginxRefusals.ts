import { corsHeaders } from './nginxCors';
import type { GatewayOptions } from './options';
import { emptyStanding, type RefusalName, refusal, surfaces } from './refusals';

/** What nginx refuses itself, by the statuses that it has for it. Answers of Portolan are never among them. */
const statuses: [codes: string, name: RefusalName][] = [
  ['400', 'malformed'],
  ['404 405', 'not_found'],
  ['413', 'too_large'],
  ['414 494', 'headers_too_large'],
  ['429', 'rate_limited'],
  ['500 502 503', 'away'],
  ['504', 'timed_out'],
];

/** The answers of nginx itself: a location for each refusal, in the manner of each surface. */
export function nginxRefusals(options: GatewayOptions): string {
  const pages = statuses.map(([codes, name]) => `error_page ${codes} = /=${name}-$portolan_surface;`);
  const locations = statuses.flatMap(([, name]) => surfaces.map((surface) => location(name, surface, options)));
  return [...pages, ...locations].join('\n');
}

function location(name: RefusalName, surface: (typeof surfaces)[number], options: GatewayOptions): string {
  const { status, headers, body } = refusal(name, surface, '$portolan_request_id');
  const { 'Content-Type': type, Connection: _, ...others } = headers;
  const standing = name === 'rate_limited' && options.addressLimit !== null ? emptyStanding(options.addressLimit) : {};
  const lines = [
    'internal;',
    ...Object.entries({ ...others, ...standing }).map(([header, value]) => `add_header ${header} '${value}' always;`),
    ...corsHeaders(options).filter((line) => line.startsWith('add_header')),
    `default_type '${type}';`,
    `return ${status} '${body.replaceAll("'", "\\'")}';`,
  ];
  return `location = /=${name}-${surface} {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`;
}
