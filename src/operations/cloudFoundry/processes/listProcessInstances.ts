import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { findProcess } from '../../../store/cloudFoundry/processes';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { toInstances } from './view';

export const listProcessInstances: V3Handler<'listProcessInstances'> = async (request, { db, principal, publicUrl }) => {
  const row = seen(principal, await findProcess(db, request.path.guid), 'Process');
  const process = `${publicUrl()}/v3/processes/${row.id}`;
  const links = { self: { href: `${process}/process_instances` }, process: { href: process } };
  return json({ resources: toInstances(row), links });
};
