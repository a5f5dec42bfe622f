import type { components } from '../../../generated/contract';
import { requireScope, visible } from '../../domain/access/principal';
import { compareTexts } from '../../domain/compareTexts';
import type { Db } from '../../store/database';
import { servicesOnServer } from '../../store/serverServices';
import { findServer } from '../../store/servers';
import { type Handler, single } from '../handler';
import { toServiceOnServer } from '../services/view';
import { toServer } from './view';

type PlacedHere = Required<Pick<components['schemas']['Server'], 'serviceDeployments' | 'services'>>;

export const getServer: Handler<'getServer'> = async (request, { db, principal }) => {
  const { id } = request.path;
  const row = visible(principal, await findServer(db, id), 'server', id);
  const { include } = request.query();
  if (!include?.includes('services')) return single('server', toServer(row), row.version);
  requireScope(principal, 'services:read');
  return single('server', { ...toServer(row), ...(await placedHere(db, id)) }, row.version);
};

async function placedHere(db: Db, serverId: string): Promise<PlacedHere> {
  const { rows, connections } = await servicesOnServer(db, serverId);
  const services = rows.map((row) => toServiceOnServer(row, connections));
  const serviceDeployments = services
    .flatMap((service) => service.serviceDeployments.filter(({ id }) => id === service.deploymentId))
    .sort((a, b) => compareTexts(a.createdAt, b.createdAt) || compareTexts(a.id, b.id));
  return { serviceDeployments, services };
}
