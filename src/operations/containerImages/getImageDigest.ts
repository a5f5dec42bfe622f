import { visible } from '../../domain/access/principal';
import { findImageDigest } from '../../store/imageDigests';
import { type Handler, single } from '../handler';
import { toDeploymentOfDigest, toImageDigest } from './view';

export const getImageDigest: Handler<'getImageDigest'> = async ({ path }, { db, principal }) => {
  const digest = visible(principal, await findImageDigest(db, path.id, path.digestId), 'digest', path.digestId);
  return single('digest', toImageDigest(digest), digest.version, {
    serviceDeployments: digest.deployments.map(toDeploymentOfDigest),
  });
};
