import { parseReference, splitRepository } from '../../images/reference';

/**
 * Whether credentials that came with an image are for a repository: that of the image, at the host that the image itself
 * names - Docker Hub where it names none, whatever a connection makes of the name. Nobody else is to see them.
 */
export function areForRepository(image: string, repository: string): boolean {
  const parsed = parseReference(image);
  if ('problem' in parsed) return false;
  const { host, path } = splitRepository(repository);
  const { host: ownHost, path: ownPath, givenPath } = parsed.value;
  return host === ownHost && (path === ownPath || path === givenPath || path.endsWith(`/${givenPath}`));
}
