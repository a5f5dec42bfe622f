import { type GatewayModel, type GatewayOperation, pathPattern, surfacePatterns } from './model';
import type { GatewayOptions } from './options';

/** The maps of nginx: values that are worked out when they are needed, from the request as it was sent. */
export function nginxMaps(model: GatewayModel, options: GatewayOptions): string {
  const operations = model.paths.flatMap((path) => path.operations.map((operation) => ({ template: path.template, operation })));
  const byMethod = operations.flatMap(({ template, operation }) =>
    operation.methods.map((method): Entry => [`${method} ${template}`, operation.id]),
  );
  const all = operations.map(({ operation }) => operation);
  return [
    '# Keys are as long as paths are.\nmap_hash_bucket_size 256;\nmap_hash_max_size 4096;',
    map('$request_uri', '$portolan_path', [['~^(?<portolan_sent_path>[^?]*)', '$portolan_sent_path']]),
    map('$portolan_path', '$portolan_surface', [
      ['default', 'api'],
      ...Object.entries(surfacePatterns).map(([surface, pattern]): Entry => [`~^${pattern}`, surface]),
    ]),
    `# Which path of the contract it is. The first that fits counts.\n${map('$portolan_path', '$portolan_template', [
      ['default', 'unknown'],
      ['~^/+metrics/*$', 'metrics'],
      ...model.paths.map(({ template }): Entry => [`~^${pathPattern(template)}$`, template]),
    ])}`,
    `# Which operation. Portolan answers 404 to what is unknown, and says what there is instead.\n${map(
      '"$request_method $portolan_template"',
      '$portolan_operation',
      [['default', 'unknown'], ...byMethod],
    )}`,
    map('$portolan_operation', '$portolan_operation_handling', [['default', ''], ...all.flatMap(handlingEntry)]),
    map(handlingKey(options), '$portolan_handling', handlings(options)),
    publicPaths(all),
    map('$portolan_operation', '$portolan_counted', [
      ['default', 'yes'],
      ...all.filter(({ isLimited }) => !isLimited).map(({ id }): Entry => [id, 'no']),
    ]),
    credentials,
    requestIds,
    ...(options.corsOrigins ? [origins(options.corsOrigins)] : []),
  ].join('\n\n');
}

type Entry = [key: string, value: string];

const word = (text: string) => (/^[\w$./=*-]+$/.test(text) ? text : `"${text}"`);

const map = (from: string, to: string, entries: Entry[]) =>
  `map ${from} ${to} {\n${entries.map(([key, value]) => `  ${word(key)} ${word(value)};`).join('\n')}\n}`;

function handlingEntry({ id, handling, bodyBytes }: GatewayOperation): Entry[] {
  if (handling === 'read') return [];
  return [[id, handling === 'upload' ? `upload-${bodyBytes}` : handling]];
}

const handlingKey = ({ corsOrigins }: GatewayOptions) =>
  `"${corsOrigins ? '$http_access_control_request_method ' : ''}$request_method $portolan_template $portolan_operation_handling"`;

/** Whatever is unknown is handed on like a write: once, and with a small body. */
function handlings({ corsOrigins }: GatewayOptions): Entry[] {
  const before = corsOrigins ? '[^ ]* ' : '';
  return [
    ['default', 'write'],
    ...(corsOrigins ? ([['~^[A-Z]+ OPTIONS ', 'preflight']] as Entry[]) : []),
    [`~^${before}[^ ]+ metrics `, 'nowhere'],
    [`~^${before}[^ ]+ [^ ]+ (?<portolan_known_handling>[^ ]+)$`, '$portolan_known_handling'],
    [`~^${before}(GET|HEAD) `, 'read'],
  ];
}

const publicPaths = (operations: GatewayOperation[]) =>
  `# What is answered without a credential. Nothing here depends on it: use it with auth_request, or in a log.\n${map(
    '$portolan_operation',
    '$portolan_public',
    [['default', 'no'], ...operations.filter(({ isPublic }) => isPublic).map(({ id }): Entry => [id, 'yes'])],
  )}`;

/** Tokens end in a signature or in chance, so their ends tell them apart; a ticket stands for one. */
const credentials = `# A token by its end; without one, the address. An empty key is not counted.
map "$portolan_counted $http_authorization" $portolan_by_principal {
  default "";
  "~*^yes bearer .*?(?<portolan_token_end>.{1,64})$" $portolan_token_end;
}
map "$portolan_counted $http_authorization" $portolan_by_address {
  default $binary_remote_addr;
  "~^no " "";
  "~*^yes bearer ." "";
}`;

const requestIds = `# The client's own request id where Portolan would take it.
map $http_x_request_id $portolan_request_id {
  default req_$request_id;
  "~^[A-Za-z0-9._-]{1,128}$" $http_x_request_id;
}`;

const origins = (allowed: string[]) =>
  map(
    '$http_origin',
    '$portolan_origin',
    allowed.includes('*') ? [['default', '*']] : [['default', ''], ...allowed.map((origin): Entry => [origin, origin])],
  );
