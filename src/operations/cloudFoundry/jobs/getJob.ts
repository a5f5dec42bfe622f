import { seesEnvironment } from '../../../domain/access/principal';
import { jobKinds } from '../../../domain/cloudFoundry/job';
import { resourceNotFound } from '../../../domain/cloudFoundry/problem';
import { findJob } from '../../../store/cloudFoundry/jobs';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toJob } from './view';

export const getJob: V3Handler<'getJob'> = async ({ path }, { db, principal, publicUrl }) => {
  const row = await findJob(db, path.guid, Object.keys(jobKinds));
  if (!row || !seesEnvironment(principal, row.environment_id)) throw resourceNotFound('Job');
  return json(toJob(row, publicUrl()));
};
