import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findBuild } from '../../../store/cloudFoundry/builds';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toBuild } from './view';

export const getBuild: V3Handler<'getBuild'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findBuild(db, request.path.guid), 'Build');
  return json(toBuild(row, publicUrl()));
};
