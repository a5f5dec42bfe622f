import { uuidv7 } from 'uuidv7';
import { requireKnown } from '../../../domain/cloudFoundry/droplets/copy';
import { referenceOf, repositoryAsGiven } from '../../../domain/cloudFoundry/droplets/image';
import { type ImageReference, splitRepository } from '../../../domain/images/reference';
import { chooseConnection } from '../../../jobs/builds/resolveImage';
import { enqueueCheckImage, enqueueResolveDroplet } from '../../../jobs/enqueue';
import { noteDigest } from '../../../store/cloudFoundry/dropletImages';
import { saveImageOfDroplet } from '../../../store/cloudFoundry/droplets';
import { settingsOf } from '../../../store/environmentSettings';
import { ensureImageRow } from '../../../store/resolvedImages';
import type { WriteContext } from '../../handler';

type Context = Pick<WriteContext, 'tx' | 'audit' | 'environmentDefaults'>;

/** A repository in a space. */
export interface SpaceImage {
  environmentId: string;
  /** Normal form of what is pulled. */
  repository: string;
  /** null = the space has no container image of it. */
  containerImageId: string | null;
}

const longestName = 255;

/** Whether a space may use repositories that it has no container image of. */
export async function allowsUnknown(
  { tx, environmentDefaults }: Pick<Context, 'tx' | 'environmentDefaults'>,
  environmentId: string,
): Promise<boolean> {
  return (await settingsOf(tx, environmentId, 'configuration', environmentDefaults)).allowUnknownRepositories;
}

/**
 * The container image of a repository, which becomes one of the space with its first use where the policy lets it (else
 * 422). Gives its id.
 */
export async function useImage(context: Context, image: SpaceImage, tag = 'latest'): Promise<string> {
  const { tx, audit } = context;
  const { environmentId, repository, containerImageId } = image;
  if (containerImageId !== null) return containerImageId;
  requireKnown({ repository, isKnown: false, allowUnknown: await allowsUnknown(context, environmentId) });
  const name = splitRepository(repository).path.slice(-longestName);
  const { id, isNew } = await ensureImageRow(tx, { id: uuidv7(), environmentId, repository, name, tagFilter: tag });
  if (!isNew) return id;
  await enqueueCheckImage(tx, id);
  await audit({
    action: 'create',
    resourceType: 'container_image',
    resourceId: id,
    resourceName: name,
    environmentId,
    details: { after: { name, imageName: repository, tagFilter: tag } },
  });
  return id;
}

/** The digest that a reference names, stored with its container image where it is new; null for a tag. */
export async function pinReference(context: Context, image: SpaceImage, { digest, tag }: ImageReference): Promise<string | null> {
  const imageId = await useImage(context, image, tag);
  return digest === undefined ? null : noteDigest(context.tx, { id: uuidv7(), imageId, manifestDigest: digest });
}

/**
 * Pins a locked droplet to an image, which its space follows from now on; null takes it away. A tag is resolved later. Gives
 * the digest, null while none is known.
 */
export async function pinDroplet(
  context: Context,
  { id, environment_id: environmentId }: { id: string; environment_id: string },
  image: string | null,
): Promise<string | null> {
  const { tx } = context;
  const reference = referenceOf(image);
  const chosen = reference && (await chooseConnection(tx, environmentId, repositoryAsGiven(reference), reference.repository));
  const imageDigestId = reference && chosen ? await pinReference(context, { environmentId, ...chosen }, reference) : null;
  await saveImageOfDroplet(tx, { id, image, imageDigestId });
  if (reference && imageDigestId === null) await enqueueResolveDroplet(tx, id);
  return imageDigestId;
}
