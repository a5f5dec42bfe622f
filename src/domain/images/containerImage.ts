import type { Issue } from '../errors';
import { connectionFor, type LinkableConnection } from '../registries/connectionFor';
import { patchedText } from '../registries/registry';
import { parseRepository } from './reference';
import { parseTagFilter } from './tagFilter';

/** What a user sets on a container image. */
export interface ImageSettings {
  name: string;
  imageName: string;
  tagFilter: string;
  registryConnectionId: string | null;
  autoUpdate: boolean;
}

/** Absent keeps, a value sets; null or `""` clears the link. */
export interface ImagePatch {
  name?: string | undefined;
  tagFilter?: string | undefined;
  registryConnectionId?: string | null | undefined;
  autoUpdate?: boolean | undefined;
}

/** What an image starts from. */
export const newImage = (name: string, imageName: string): ImageSettings => ({
  name,
  imageName,
  tagFilter: 'latest',
  registryConnectionId: null,
  autoUpdate: false,
});

/** The settings after a patch. */
export const applyImagePatch = (present: ImageSettings, patch: ImagePatch): ImageSettings => ({
  name: patch.name ?? present.name,
  imageName: present.imageName,
  tagFilter: patch.tagFilter ?? present.tagFilter,
  registryConnectionId: patchedText(present.registryConnectionId, patch.registryConnectionId),
  autoUpdate: patch.autoUpdate ?? present.autoUpdate,
});

/** What is wrong with a repository that is to be followed. */
export function imageNameIssues(imageName: string): Issue[] {
  const parsed = parseRepository(imageName);
  return 'problem' in parsed ? [{ in: 'body', field: 'imageName', ...parsed.problem }] : [];
}

/** What is wrong with a tag filter: one issue for each bad pattern. */
export function tagFilterIssues(tagFilter: string): Issue[] {
  const parsed = parseTagFilter(tagFilter);
  return 'issues' in parsed ? parsed.issues : [];
}

/**
 * Normal form under which an image is unique in its environment: completed by the connection it is linked to, else by
 * Docker Hub's rules. Connections that are only chosen on read do not count, since their choice changes with them.
 */
export function uniqueRepository(settings: ImageSettings, connections: readonly LinkableConnection[]): string {
  const linked = connections.filter((connection) => connection.id === settings.registryConnectionId);
  return connectionFor(settings, linked).repository;
}

const longestRepository = 1000;

/** What is wrong with the normal form that an image gets from the connection it is linked to. */
export function repositoryIssues(settings: ImageSettings, connections: readonly LinkableConnection[]): Issue[] {
  const repository = uniqueRepository(settings, connections);
  if (repository.length <= longestRepository && !('problem' in parseRepository(repository))) return [];
  const message = `With this connection the repository would be "${repository.slice(0, 200)}", which cannot be pulled.`;
  const hint = `Look at the repositoryPrefix of the connection; a repository has at most ${longestRepository} characters.`;
  return [{ in: 'body', field: 'registryConnectionId', code: 'inconsistent', message, hint }];
}
