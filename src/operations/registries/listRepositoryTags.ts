import { visible } from '../../domain/access/principal';
import { repositoryPathProblem } from '../../domain/images/reference';
import { completedPath } from '../../domain/registries/connectionFor';
import { accessOf } from '../../jobs/registryAccess';
import { findRegistry } from '../../store/registries';
import { type Handler, json } from '../handler';
import { contains, pageOfTags } from './livePage';
import { fillDigests, liveTags } from './liveTags';
import { impossibleRepository } from './upstream';
import { toConnection, toRepositoryTag } from './view';

export const listRepositoryTags: Handler<'listRepositoryTags'> = async (request, context) => {
  const { id, repo } = request.path;
  const row = visible(context.principal, await findRegistry(context.db, id), 'registry', id);
  // What is no path would be another URL at the registry.
  const impossible = repositoryPathProblem(repo);
  if (impossible) throw impossibleRepository(repo, impossible.hint);
  const { query, page } = await request.page();

  const access = accessOf(row, context.keyring);
  const path = completedPath(toConnection(row), repo);
  const { entries, truncated } = await liveTags(context, access, path);
  const { rows, ...rest } = pageOfTags(
    entries,
    entries.filter(({ tag }) => contains(tag, query.q)),
    page,
  );
  if (query.withDigests) await fillDigests(context, access, path, rows);
  return json({ tags: rows.map(toRepositoryTag), ...rest, truncated });
};
