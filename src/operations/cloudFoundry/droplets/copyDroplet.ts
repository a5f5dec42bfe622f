import { uuidv7 } from 'uuidv7';
import { copyable, copyProblems, requireAdmitted } from '../../../domain/cloudFoundry/droplets/copy';
import { referenceOf, repositoryAsGiven } from '../../../domain/cloudFoundry/droplets/image';
import type { ImageReference } from '../../../domain/images/reference';
import { chooseConnection } from '../../../jobs/builds/resolveImage';
import { enqueueResolveDroplet } from '../../../jobs/enqueue';
import { lockAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { copyDigest } from '../../../store/cloudFoundry/dropletImages';
import { type DropletRow, findDroplet, insertDroplet } from '../../../store/cloudFoundry/droplets';
import { hasCredentials } from '../../../store/registries';
import { type Answer, json, type WriteContext } from '../../handler';
import type { V3Request } from '../handler';
import { allowsUnknown, pinReference, useImage } from './spaceImages';
import { startDataFor, toDroplet } from './view';

/** createDroplet with a source: the droplet of another app, pinned to what that is pinned to. */
export async function copyDroplet(
  request: V3Request<'createDroplet'>,
  context: WriteContext,
  sourceGuid: string,
): Promise<Answer<ReturnType<typeof toDroplet>>> {
  const { tx, principal, audit, publicUrl } = context;
  const { guid } = request.body(copyProblems).relationships.app.data;
  const found = await findDroplet(tx, sourceGuid);
  const { source, app } = copyable(principal, found, await lockAppOfDroplets(tx, guid));
  const reference = referenceOf(source.image);
  const admitted = reference && (await admit(context, source, reference, app.environment_id));
  const imageDigestId = admitted?.imageDigestId ?? null;

  const id = uuidv7();
  await insertDroplet(tx, {
    id,
    appId: app.id,
    environmentId: app.environment_id,
    imageDigestId,
    image: source.image,
    executionMetadata: source.execution_metadata,
    processTypes: source.process_types === null ? null : JSON.stringify(source.process_types),
    needsCredentials: admitted?.needsCredentials ?? source.needs_credentials,
  });
  if (reference && imageDigestId === null) await enqueueResolveDroplet(tx, id);
  await audit({
    action: 'create',
    resourceType: 'droplet',
    resourceId: id,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { cfType: 'audit.app.droplet.create', appGuid: app.id, sourceGuid: source.id, after: { image: source.image } },
  });
  return json(toDroplet((await findDroplet(tx, id)) as DropletRow, publicUrl(), startDataFor(principal)));
}

interface Admitted {
  /** In the space where the copy goes; null where none is known. */
  imageDigestId: string | null;
  needsCredentials: boolean;
}

/** Takes an image into the space where a copy goes, if that may have it. */
async function admit(
  context: WriteContext,
  source: DropletRow,
  reference: ImageReference,
  environmentId: string,
): Promise<Admitted> {
  const { tx } = context;
  const name = repositoryAsGiven(reference);
  const { repository, connectionId } = await chooseConnection(tx, source.environment_id, name, reference.repository);
  const there = await chooseConnection(tx, environmentId, repository, repository);
  const needsCredentials = source.needs_credentials || (await hasCredentials(tx, connectionId));
  requireAdmitted({
    repository,
    neededCredentials: needsCredentials,
    canLogIn: !there.mismatch && (await hasCredentials(tx, there.connectionId)),
    isKnown: there.containerImageId !== null,
    allowUnknown: await allowsUnknown(context, environmentId),
  });
  const image = { environmentId, repository, containerImageId: there.containerImageId };
  return { imageDigestId: await digestThere(context, source, image, reference), needsCredentials };
}

/** The digest of the source in another space; of one that is not known yet, what its text names. */
async function digestThere(
  context: WriteContext,
  source: DropletRow,
  image: Parameters<typeof useImage>[1],
  reference: ImageReference,
): Promise<string | null> {
  if (source.image_digest_id === null) return pinReference(context, image, reference);
  const imageId = await useImage(context, image, reference.tag);
  return (await copyDigest(context.tx, { id: uuidv7(), digestId: source.image_digest_id, imageId })) ?? null;
}
