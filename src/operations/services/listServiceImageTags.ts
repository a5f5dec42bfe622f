import { visible } from '../../domain/access/principal';
import { matchesTag } from '../../domain/images/tagFilter';
import { findService } from '../../store/services';
import { noImage } from '../containerImages/checkImage';
import { accessOfImage } from '../containerImages/imageAccess';
import { storedFilter } from '../containerImages/listContainerImageTags';
import { type Handler, json } from '../handler';
import { contains, pageOfTags } from '../registries/livePage';
import { fillDigests, liveTags } from '../registries/liveTags';

export const listServiceImageTags: Handler<'listServiceImageTags'> = async (request, context) => {
  const { id } = request.path;
  const { image, connections } = visible(context.principal, await findService(context.db, id), 'service', id);
  const { query, page } = await request.page();
  if (!image) throw noImage();
  const { access, path } = await accessOfImage(context.db, context.keyring, image, connections);

  const { entries, truncated } = await liveTags(context, access, path);
  const filter = storedFilter(image.tag_filter);
  const found = entries.filter(({ tag }) => contains(tag, query.q) && matchesTag(filter, tag));
  const { rows, ...rest } = pageOfTags(entries, found, page);
  await fillDigests(context, access, path, rows);
  return json({ tags: rows.map(({ tag, updatedAt, digest }) => ({ tag, updatedAt, digest })), ...rest, truncated });
};
