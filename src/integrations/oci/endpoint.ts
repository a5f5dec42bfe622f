import { canonicalHost, dockerHub, hubPath } from '../../domain/images/reference';
import { parseRegistryUrl } from '../../domain/registries/registryUrl';
import type { RegistryAccess } from './access';
import { RegistryFailure } from './failure';

/** Whose API lists what the protocol does not. */
export type Dialect = 'protocol' | 'dockerhub' | 'digitalocean';

/** Where a connection's registry speaks the distribution protocol. */
export interface Endpoint {
  dialect: Dialect;
  /** Ends without `/`; `/v2/` follows. */
  base: string;
  origin: URL;
  host: string;
}

export interface EndpointOptions {
  allowHttp: boolean;
  dockerHubRegistryUrl: string;
  digitalOceanRegistryUrl: string;
}

/**
 * A connection of type dockerhub or digitalocean with the URL of somebody else is a mirror: plain protocol there. Docker Hub
 * is Docker Hub whatever the type, since its own host speaks no protocol.
 */
export function endpointOf(access: RegistryAccess, options: EndpointOptions): Endpoint {
  const parsed = parseRegistryUrl(access.registryUrl);
  if ('issue' in parsed) {
    const { message, hint = '' } = parsed.issue;
    throw new RegistryFailure(access.name, access.registryUrl.slice(0, 100), {
      reason: 'bad_response',
      message,
      hint,
      connected: false,
    });
  }
  const { host, normalised, scheme } = parsed.value;
  const isUnder = (site: string) => host === site || host.endsWith(`.${site}`);
  const isHub = access.type === 'dockerhub' && (isUnder('docker.io') || isUnder('docker.com'));
  if (isHub || canonicalHost(host) === dockerHub) return at('dockerhub', options.dockerHubRegistryUrl);
  if (access.type === 'digitalocean' && isUnder('digitalocean.com')) {
    return at('digitalocean', options.digitalOceanRegistryUrl);
  }
  if (scheme === 'http' && !options.allowHttp) {
    throw new RegistryFailure(access.name, host, {
      reason: 'tls',
      message: `registryUrl of "${access.name}" says http://, which this installation does not allow.`,
      hint: 'Write https://, or let the operator set REGISTRY_ALLOW_HTTP.',
      connected: false,
    });
  }
  return at('protocol', normalised);
}

/** The repository as the endpoint calls it. */
export const repositoryAt = (endpoint: Endpoint, path: string): string =>
  endpoint.dialect === 'dockerhub' ? hubPath(path) : path;

function at(dialect: Dialect, url: string): Endpoint {
  const base = url.replace(/\/+$/, '');
  const origin = new URL(base);
  return { dialect, base, origin, host: origin.host };
}
