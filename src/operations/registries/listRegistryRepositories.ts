import { visible } from '../../domain/access/principal';
import type { RegistryAccess } from '../../integrations/oci/client';
import { CatalogUnsupported } from '../../integrations/oci/failure';
import { accessOf } from '../../jobs/registryAccess';
import { findRegistry } from '../../store/registries';
import { type Handler, json, type OutsideReadContext } from '../handler';
import { mostListed } from './liveLists';
import { contains, pageOfLiveList } from './livePage';
import { askRegistry } from './upstream';

export const listRegistryRepositories: Handler<'listRegistryRepositories'> = async (request, context) => {
  const { id } = request.path;
  const row = visible(context.principal, await findRegistry(context.db, id), 'registry', id);
  const { query, page } = await request.page();
  const { registryClient, liveLists, requestId } = context;
  const most = mostListed(context.settings());

  const access = accessOf(row, context.keyring);
  const { entries, truncated } = await askRegistry(context, access, null, () =>
    liveLists
      .read(`${access.key} repositories ${most}`, context.signal, (signal) =>
        registryClient.repositories(access, { signal, requestId, most }),
      )
      .catch((error: unknown) => withoutCatalog(context, access, error)),
  );
  const found = entries.filter(({ name }) => contains(name, query.q));
  const { rows, ...rest } = pageOfLiveList(
    found,
    page,
    { name: { value: ({ name }) => name }, tagCount: { value: ({ tagCount }) => tagCount ?? -1 } },
    ({ name }) => name,
  );
  return json({ repositories: rows.map(({ name, tagCount }) => ({ name, tagCount })), ...rest, truncated });
};

/** A registry that refuses the credentials seems to have no catalog too; then it is the credentials that must be told. */
async function withoutCatalog(context: OutsideReadContext, access: RegistryAccess, error: unknown): Promise<never> {
  if (!(error instanceof CatalogUnsupported)) throw error;
  const { signal, requestId } = context;
  const { failure } = await context.registryClient.test(access, null, { signal, requestId });
  throw failure ?? error;
}
