import { compareTexts } from '../compareTexts';
import { canonicalHost, dockerHub, hubPath, type ImageReference, parseRepository, splitRepository } from '../images/reference';
import { literalLength, matchesAutoLinkPattern } from './autoLinkPattern';
import type { RegistryType } from './registry';
import { parseRegistryUrl, type RegistryUrl } from './registryUrl';

/** What the choice needs to know of a connection. */
export interface LinkableConnection {
  id: string;
  name: string;
  type: RegistryType;
  registryUrl: string;
  repositoryPrefix: string | null;
  isDefault: boolean;
  autoLinkPattern: string | null;
}

/** What the choice needs to know of a container image. */
export interface LinkableImage {
  imageName: string;
  registryConnectionId: string | null;
}

/** By which rule an image got its connection. */
export type RegistryLink = 'explicit' | 'pattern' | 'host' | 'default' | 'none';

export interface ConnectionChoice<C> {
  link: RegistryLink;
  /** The connection in effect; null means anonymous access at the host. */
  connection: C | null;
  /** Normal form of what is pulled. */
  repository: string;
  /** The image names another host than the connection it is linked to, and is therefore not read. */
  mismatch?: 'host_mismatch';
}

/**
 * Chooses the connection of an environment that serves an image: the linked one, else the best of the image's host, else
 * the default one if its pattern takes the name, else none. The order of the connections makes no difference.
 * @param image its name was read by parseRepository when it was stored; one that cannot be read is served by none
 */
export function connectionFor<C extends LinkableConnection>(
  image: LinkableImage,
  connections: readonly C[],
): ConnectionChoice<C> {
  const parsed = parseRepository(image.imageName);
  if ('problem' in parsed) return { link: 'none', connection: null, repository: image.imageName };
  const reference = parsed.value;

  const linked = connections.find((connection) => connection.id === image.registryConnectionId);
  if (linked) return explicitChoice(reference, linked);

  const sameHost = inOrder(connections).filter((connection) => servesHost(connection, reference.host));
  const matching = inOrder(
    sameHost.filter((connection) => takes(connection, reference.path)),
    closestPattern,
  );
  const found = matching[0] ?? sameHost.find((connection) => connection.autoLinkPattern === null);
  if (found) {
    return { link: matching[0] ? 'pattern' : 'host', connection: found, repository: reference.repository };
  }
  return defaultChoice(reference, connections) ?? { link: 'none', connection: null, repository: reference.repository };
}

/** A sentence on which connection is in effect, and by which rule. */
export function linkReason({ link, connection, repository, mismatch }: ConnectionChoice<LinkableConnection>): string {
  const { host, path } = splitRepository(repository);
  const name = `"${connection?.name ?? ''}"`;
  if (mismatch) return `The image is linked to ${name}, which is for another host than ${host}; it is not read.`;
  if (link === 'explicit') return `The image is linked to ${name}.`;
  if (link === 'pattern')
    return `${name} is for ${host}, and its autoLinkPattern "${connection?.autoLinkPattern}" takes ${path}.`;
  if (link === 'host') return `${name} is for ${host}, and has no autoLinkPattern.`;
  if (link === 'default') {
    return `${name} is the default connection, and its autoLinkPattern "${connection?.autoLinkPattern}" takes ${path}.`;
  }
  return `No connection of this environment serves ${repository}; it is read anonymously.`;
}

/** Why an image is not read that names another host than the connection it is linked to. */
export const mismatchMessage = (connection: Pick<LinkableConnection, 'name'> | null): string =>
  `The image names another host than the connection "${connection?.name ?? ''}" that it is linked to; it is not read.`;

/** Host under which a connection's images are named; undefined when its URL cannot be read. */
export function connectionHost(connection: Pick<LinkableConnection, 'type' | 'registryUrl'>): string | undefined {
  const url = endpointOf(connection);
  return url && hostOf(connection.type, url);
}

/** Host of a connection for people, who may have written one that cannot be read. */
export const shownHost = (connection: Pick<LinkableConnection, 'type' | 'registryUrl'>): string =>
  connectionHost(connection) ?? connection.registryUrl;

/**
 * Hosts under which images of a connection can be stored: its own, with and without the usual port of its scheme, and Docker
 * Hub's for the default connection, which may serve names without a host.
 */
export function hostsOfImages(connection: Pick<LinkableConnection, 'type' | 'registryUrl' | 'isDefault'>): string[] {
  return connection.isDefault ? [...ownHosts(connection), dockerHub] : ownHosts(connection);
}

/** Puts the connection's `repositoryPrefix` in front of a name without host, and Docker Hub's `library/` if there is none. */
export function completedPath(connection: LinkableConnection, givenPath: string): string {
  const prefix = (connection.repositoryPrefix ?? '').replace(/^\/+|\/+$/g, '');
  if (prefix !== '') return givenPath.startsWith(`${prefix}/`) ? givenPath : `${prefix}/${givenPath}`;
  return isDockerHub(connection) ? hubPath(givenPath) : givenPath;
}

function explicitChoice<C extends LinkableConnection>(reference: ImageReference, connection: C): ConnectionChoice<C> {
  const host = connectionHost(connection);
  if (host !== undefined && !reference.hostGiven) {
    return { link: 'explicit', connection, repository: `${host}/${completedPath(connection, reference.givenPath)}` };
  }
  const choice: ConnectionChoice<C> = { link: 'explicit', connection, repository: reference.repository };
  return servesHost(connection, reference.host) ? choice : { ...choice, mismatch: 'host_mismatch' };
}

/** Only a pattern can tell that a name without host means a private registry rather than Docker Hub. */
function defaultChoice<C extends LinkableConnection>(
  reference: ImageReference,
  connections: readonly C[],
): ConnectionChoice<C> | undefined {
  if (reference.hostGiven) return undefined;
  const connection = inOrder(connections).find((candidate) => candidate.isDefault);
  const host = connection && connectionHost(connection);
  if (!connection || host === undefined || isDockerHub(connection)) return undefined;
  const path = completedPath(connection, reference.givenPath);
  return takes(connection, path) ? { link: 'default', connection, repository: `${host}/${path}` } : undefined;
}

const takes = (connection: LinkableConnection, path: string): boolean =>
  connection.autoLinkPattern !== null && matchesAutoLinkPattern(connection.autoLinkPattern, path);

const isDockerHub = (connection: LinkableConnection): boolean =>
  connection.type === 'dockerhub' || connectionHost(connection) === dockerHub;

// A page of images asks for the same few connections at each image.
const endpoints = new WeakMap<object, RegistryUrl | null>();

function endpointOf(connection: Pick<LinkableConnection, 'registryUrl'>): RegistryUrl | undefined {
  let endpoint = endpoints.get(connection);
  if (endpoint === undefined) {
    const parsed = parseRegistryUrl(connection.registryUrl);
    endpoint = 'value' in parsed ? parsed.value : null;
    endpoints.set(connection, endpoint);
  }
  return endpoint ?? undefined;
}

function hostOf(type: RegistryType, { host }: RegistryUrl): string {
  const isUnder = (site: string) => host === site || host.endsWith(`.${site}`);
  if (type === 'digitalocean' && isUnder('digitalocean.com')) return 'registry.digitalocean.com';
  if (type === 'dockerhub' && (isUnder('docker.io') || isUnder('docker.com'))) return dockerHub;
  return canonicalHost(host);
}

/** An image may write out the usual port of the connection's scheme. */
function ownHosts(connection: Pick<LinkableConnection, 'type' | 'registryUrl'>): string[] {
  const url = endpointOf(connection);
  if (!url) return [];
  const host = hostOf(connection.type, url);
  return [host, `${host}:${url.scheme === 'http' ? 80 : 443}`];
}

const servesHost = (connection: LinkableConnection, imageHost: string): boolean => ownHosts(connection).includes(imageHost);

/** The closest first, ties: the default connection, then by name, then by id. */
function inOrder<C extends LinkableConnection>(connections: readonly C[], closer: (a: C, b: C) => number = () => 0): C[] {
  return [...connections].sort(
    (a, b) =>
      closer(a, b) || Number(b.isDefault) - Number(a.isDefault) || compareTexts(a.name, b.name) || compareTexts(a.id, b.id),
  );
}

const closestPattern = (a: LinkableConnection, b: LinkableConnection): number =>
  literalLength(b.autoLinkPattern ?? '') - literalLength(a.autoLinkPattern ?? '');
