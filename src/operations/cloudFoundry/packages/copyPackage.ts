import { uuidv7 } from 'uuidv7';
import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { requireAdmitted } from '../../../domain/cloudFoundry/droplets/copy';
import { referenceOf, repositoryAsGiven } from '../../../domain/cloudFoundry/droplets/image';
import { named } from '../../../domain/cloudFoundry/named';
import { packageCopyProblems } from '../../../domain/cloudFoundry/packages/body';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { chooseConnection } from '../../../jobs/builds/resolveImage';
import { lockAppOfDroplets } from '../../../store/cloudFoundry/currentDroplets';
import { resealPassword } from '../../../store/cloudFoundry/packagePassword';
import { findPackage, insertPackage, type PackageRow } from '../../../store/cloudFoundry/packages';
import { hasCredentials } from '../../../store/registries';
import { type Answer, json, type WriteContext } from '../../handler';
import { allowsUnknown } from '../droplets/spaceImages';
import type { V3Request } from '../handler';
import { toPackage } from './view';

/** createPackage with a source: the image of another app's package, with the credentials that came with it. */
export async function copyPackage(
  request: V3Request<'createPackage'>,
  context: WriteContext,
  sourceGuid: string,
): Promise<Answer<ReturnType<typeof toPackage>>> {
  const { tx, principal, keyring, audit, publicUrl } = context;
  const { guid } = request.body(packageCopyProblems).relationships.app.data;
  const source = seen(principal, await findPackage(tx, sourceGuid), 'Package');
  const app = named(principal, await lockAppOfDroplets(tx, guid), 'App', guid);
  requireRight(principal, 'develop');
  await admit(context, source, app.environment_id);

  const id = uuidv7();
  await insertPackage(tx, {
    id,
    environmentId: app.environment_id,
    appId: app.id,
    image: source.image,
    username: source.username,
    passwordSealed: resealPassword(keyring, source.id, id, source.password_sealed),
  });
  await audit({
    action: 'create',
    resourceType: 'package',
    resourceId: id,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { cfType: 'audit.app.package.create', appGuid: app.id, sourceGuid: source.id, after: { image: source.image } },
  });
  return json(toPackage((await findPackage(tx, id)) as PackageRow, publicUrl()));
}

/** Refuses (422) an image that the space of the copy cannot read, or may not use. */
async function admit(context: WriteContext, source: PackageRow, environmentId: string): Promise<void> {
  const { tx } = context;
  const reference = referenceOf(source.image);
  if (!reference) return;
  const name = repositoryAsGiven(reference);
  const { repository, connectionId } = await chooseConnection(tx, source.environment_id, name, reference.repository);
  const there = await chooseConnection(tx, environmentId, repository, repository);
  // Credentials of its own go with the copy.
  const hasOwn = source.username !== null && source.password_sealed !== null;
  requireAdmitted({
    repository,
    neededCredentials: !hasOwn && (await hasCredentials(tx, connectionId)),
    canLogIn: !there.mismatch && (await hasCredentials(tx, there.connectionId)),
    isKnown: there.containerImageId !== null,
    allowUnknown: await allowsUnknown(context, environmentId),
  });
}
