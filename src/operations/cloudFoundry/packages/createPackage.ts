import { uuidv7 } from 'uuidv7';
import { requireKnown } from '../../../domain/cloudFoundry/droplets/copy';
import { referenceOf, repositoryAsGiven } from '../../../domain/cloudFoundry/droplets/image';
import { applyMetadata, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { named } from '../../../domain/cloudFoundry/named';
import { packageProblems, patchedCredential } from '../../../domain/cloudFoundry/packages/body';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { chooseConnection } from '../../../jobs/builds/resolveImage';
import { lockAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { sealPassword } from '../../../store/cloudFoundry/packagePassword';
import { findPackage, insertPackage, type PackageRow } from '../../../store/cloudFoundry/packages';
import { json, type WriteContext } from '../../handler';
import { allowsUnknown } from '../droplets/spaceImages';
import type { V3Handler } from '../handler';
import { copyPackage } from './copyPackage';
import { toPackage } from './view';

export const createPackage: V3Handler<'createPackage'> = async (request, context) => {
  const { source_guid: sourceGuid } = request.query();
  if (sourceGuid !== undefined) return copyPackage(request, context, sourceGuid);

  const { tx, principal, keyring, audit, publicUrl } = context;
  const { relationships, data, metadata } = request.body(packageProblems);
  const { guid } = relationships.app.data;
  const app = named(principal, await lockAppOfDroplets(tx, guid), 'App', guid);
  requireRight(principal, 'develop');
  // Checked with the body.
  const { image, username, password } = data as NonNullable<typeof data>;
  await requireAllowed(context, app.environment_id, image);
  const change = metadataChangeOf(metadata);
  applyMetadata({ labels: {}, annotations: {} }, change);

  const id = uuidv7();
  const credentials = { username: patchedCredential(null, username), password: patchedCredential(null, password) };
  await insertPackage(tx, {
    id,
    environmentId: app.environment_id,
    appId: app.id,
    image,
    username: credentials.username,
    passwordSealed: sealPassword(keyring, id, credentials.password),
  });
  await saveMetadata(tx, 'package', id, change);
  await audit({
    action: 'create',
    resourceType: 'package',
    resourceId: id,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { cfType: 'audit.app.package.create', appGuid: app.id, after: { image, username: credentials.username } },
  });
  return json(toPackage((await findPackage(tx, id)) as PackageRow, publicUrl()));
};

/** Refuses (422) a repository that the space does not follow, where only such may be used. */
async function requireAllowed(context: WriteContext, environmentId: string, image: string): Promise<void> {
  const reference = referenceOf(image);
  if (!reference || (await allowsUnknown(context, environmentId))) return;
  const name = repositoryAsGiven(reference);
  const { repository, containerImageId } = await chooseConnection(context.tx, environmentId, name, reference.repository);
  requireKnown({ repository, isKnown: containerImageId !== null, allowUnknown: false });
}
