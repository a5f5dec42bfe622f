import { contractVersion } from '../../../generated/operations';
import { json, type PublicHandler, raw } from '../handler';

export interface RootNeeds {
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
  /** The version of Cloud Foundry that /v3 says it is compatible with. */
  cfApiVersion: string;
}

/** What clients of Cloud Foundry look for, and do without when it is null. */
const notServed = {
  cloud_controller_v2: null,
  network_policy_v0: null,
  network_policy_v1: null,
  routing: null,
  logging: null,
  log_cache: null,
  log_stream: null,
  credhub: null,
  app_ssh: null,
};

export const getRoot: PublicHandler<'getRoot', RootNeeds> = async (request, { publicUrl, cfApiVersion }) => {
  if (prefersHtml(request.header('accept'))) return raw('text/plain', '', { status: 303, headers: { Location: '/api/docs' } });
  const base = publicUrl();
  return json({
    name: 'portolan',
    version: contractVersion,
    links: {
      self: { href: `${base}/` },
      documentation: { href: `${base}/api/docs` },
      contract: { href: `${base}/openapi.json` },
      health: { href: `${base}/health` },
      cloud_controller_v3: { href: `${base}/v3`, meta: { version: cfApiVersion } },
      login: { href: `${base}/uaa` },
      uaa: { href: `${base}/uaa` },
      ...notServed,
    },
  });
};

/** Whether HTML is named before JSON and before anything; a browser does, curl does not. */
function prefersHtml(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim());
  const html = types.indexOf('text/html');
  const other = types.findIndex((type) => type === 'application/json' || type === '*/*');
  return html >= 0 && (other < 0 || html < other);
}
