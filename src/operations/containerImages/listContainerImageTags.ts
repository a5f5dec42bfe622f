import { visible } from '../../domain/access/principal';
import { matchesTag, parseTagFilter, type TagFilter } from '../../domain/images/tagFilter';
import { findContainerImage } from '../../store/containerImages';
import { type Handler, json } from '../handler';
import { contains, pageOfTags } from '../registries/livePage';
import { fillDigests, liveTags } from '../registries/liveTags';
import { toRepositoryTag } from '../registries/view';
import { accessOfImage } from './imageAccess';

export const listContainerImageTags: Handler<'listContainerImageTags'> = async (request, context) => {
  const { id } = request.path;
  const image = visible(context.principal, await findContainerImage(context.db, id), 'container image', id);
  const { query, page } = await request.page();
  const { access, path } = await accessOfImage(context.db, context.keyring, image, image.connections);

  const { entries, truncated } = await liveTags(context, access, path);
  const filter = storedFilter(image.tag_filter);
  const matches = (tag: string) => matchesTag(filter, tag);
  const found = entries.filter(
    ({ tag }) => contains(tag, query.q) && (query.matching === undefined || matches(tag) === query.matching),
  );
  const { rows, ...rest } = pageOfTags(entries, found, page);
  await fillDigests(context, access, path, rows);
  const tags = rows.map((row) => ({ ...toRepositoryTag(row), matches: matches(row.tag) }));
  return json({ tags, tagFilter: image.tag_filter, ...rest, truncated });
};

/** A stored filter was read before it was stored; one that cannot be read any more takes nothing. */
export function storedFilter(text: string): TagFilter {
  const parsed = parseTagFilter(text);
  return 'value' in parsed ? parsed.value : [];
}
