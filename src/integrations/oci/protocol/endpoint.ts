import { canonicalHost, dockerHub, hubPath, parseRepository } from '../../../domain/images/reference';
import { parseRegistryUrl } from '../../../domain/registries/registryUrl';
import type { RegistryAccess } from '../access';
import { RegistryFailure } from '../failure';

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

/** The repository as the endpoint calls it. What is no path of a repository is not asked for: it would be another URL. */
export function repositoryAt({ access, endpoint }: { access: RegistryAccess; endpoint: Endpoint }, path: string): string {
  const name = endpoint.dialect === 'dockerhub' ? hubPath(path) : path;
  if (isRepositoryPath(name)) return name;
  throw new RegistryFailure(access.name, endpoint.host, {
    reason: 'not_found',
    message: `"${path.slice(0, 100)}" is no name of a repository.`,
    hint: 'Names are in lower case, with parts of letters, digits, ".", "_" and "-" between slashes.',
  });
}

/** Whether a text is the path of a repository below its host. */
export const isRepositoryPath = (path: string): boolean =>
  path.length <= 255 && 'value' in parseRepository(`registry.invalid/${path}`);

function at(dialect: Dialect, url: string): Endpoint {
  const base = url.replace(/\/+$/, '');
  const origin = new URL(base);
  return { dialect, base, origin, host: origin.host };
}
