import { seesEnvironment, visible } from '../../domain/access/principal';
import { notFound } from '../../domain/errors';
import { environmentOfImage } from '../../store/containerImages';
import * as store from '../../store/imageDigests';
import { containing } from '../../store/list';
import { type Handler, json } from '../handler';
import { toImageDigest } from './view';

export const listImageDigests: Handler<'listImageDigests'> = async (request, { db, principal }) => {
  const { id } = request.path;
  const { query, page } = await request.page(async () =>
    visible(principal, await environmentOfImage(db, id), 'container image', id),
  );
  const found = await store.listImageDigests(db, page, {
    containerImageId: id,
    tag: query.tag,
    manifestDigest: query.manifestDigest,
    deployed: query.deployed,
    q: query.q === undefined ? undefined : containing(query.q),
  });
  if (!found.parentExists || !seesEnvironment(principal, found.once.environmentId)) throw notFound('container image', id);
  return json({ digests: found.rows.map(toImageDigest), total: found.total, nextCursor: found.nextCursor });
};
