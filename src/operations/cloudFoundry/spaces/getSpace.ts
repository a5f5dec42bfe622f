import { seesEnvironment } from '../../../domain/access/principal';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findSpace } from '../../../store/cloudFoundry/spaces';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toSpace } from './view';

export const getSpace: V3Handler<'getSpace'> = async ({ path }, { db, principal, publicUrl }) => {
  const row = await findSpace(db, path.guid);
  if (!row || !seesEnvironment(principal, row.id)) throw resourceNotFound('Space');
  return json(toSpace(row, publicUrl()));
};
