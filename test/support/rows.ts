import { uuidv7 } from 'uuidv7';
import { unique } from './fixtures';
import type { Portolan } from './portolan';

/** Inserts a row with the given columns and a new id; gives the id. For objects whose own operations a test is not about. */
async function insert(portolan: Portolan, table: string, columns: Record<string, unknown>): Promise<string> {
  const row: Record<string, unknown> = { id: uuidv7(), ...columns };
  const names = Object.keys(row);
  const slots = names.map((_, index) => `$${index + 1}`);
  await portolan.sql(`insert into ${table} (${names.join(', ')}) values (${slots.join(', ')})`, Object.values(row));
  return row.id as string;
}

type Columns = Record<string, unknown>;

/** A registry connection of an environment. */
export const registryRow = (portolan: Portolan, environmentId: string, columns: Columns = {}) =>
  insert(portolan, 'registries', {
    environment_id: environmentId,
    name: unique('registry'),
    type: 'generic',
    registry_url: 'ghcr.io',
    ...columns,
  });

/** A container image of an environment. */
export function imageRow(portolan: Portolan, environmentId: string, columns: Columns = {}) {
  const name = unique('image');
  const repository = `ghcr.io/acme/${name}`;
  return insert(portolan, 'container_images', {
    environment_id: environmentId,
    name,
    image_name: repository,
    repository,
    ...columns,
  });
}

/** A service of an environment. */
export const serviceRow = (portolan: Portolan, environmentId: string, columns: Columns = {}) =>
  insert(portolan, 'services', { environment_id: environmentId, name: unique('service'), ...columns });

/** A queued operation; without other columns it belongs to no resource and no environment. */
export const operationRow = (portolan: Portolan, columns: Columns = {}) =>
  insert(portolan, 'operations', {
    kind: 'registry.checkUpdates',
    created_by_type: 'system',
    created_by_name: 'Portolan',
    ...columns,
  });

/** An audit row of some change. */
export const auditRow = (portolan: Portolan, columns: Columns = {}) =>
  insert(portolan, 'audit_logs', {
    action: 'update',
    operation_id: 'updateRegistry',
    resource_type: 'registry',
    request_id: unique('req'),
    ...columns,
  });

/** A server in the environment of a service. */
export async function serverRow(portolan: Portolan, serviceId: string, name = unique('server')): Promise<string> {
  const [service] = await portolan.sql('select environment_id from services where id = $1', [serviceId]);
  return insert(portolan, 'servers', { environment_id: service.environment_id, name, hostname: '10.0.0.5' });
}

/** A placement of a service, on a server of its own, that runs a digest. */
export async function placementRow(
  portolan: Portolan,
  serviceId: string,
  imageDigestId: string | null,
  columns: Columns = {},
): Promise<string> {
  const placed = {
    server_id: columns.server_id ?? (await serverRow(portolan, serviceId)),
    container_name: unique('container'),
    ...columns,
  };
  return insert(portolan, 'service_deployments', { service_id: serviceId, image_digest_id: imageDigestId, ...placed });
}

/** Pins a digest to a service, as its current droplet. */
export async function pinDigest(portolan: Portolan, serviceId: string, imageDigestId: string): Promise<string> {
  const [service] = await portolan.sql('select environment_id from services where id = $1', [serviceId]);
  const pinned = { service_id: serviceId, environment_id: service.environment_id, image_digest_id: imageDigestId };
  const id = await insert(portolan, 'droplets', pinned);
  await portolan.sql('update services set current_droplet_id = $1 where id = $2', [id, serviceId]);
  return id;
}
