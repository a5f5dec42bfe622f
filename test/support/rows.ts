import { uuidv7 } from 'uuidv7';
import { seal } from '../../src/store/sealing';
import { placeOfSecret } from '../../src/store/secrets';
import { testKeyring } from './config';
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

let keys = 0;
/** A key that no other fixture has. */
export const uniqueKey = (prefix = 'KEY'): string => `${prefix}_${++keys}`;

/** A var of an environment. */
export const varRow = (portolan: Portolan, environmentId: string, columns: Columns = {}) =>
  insert(portolan, 'vars', { environment_id: environmentId, key: uniqueKey('VAR'), value: 'value', ...columns });

/** A value as the row of a secret has it. */
export const sealedSecret = (id: string, value: string, keyring = testKeyring): string => seal(keyring, placeOfSecret(id), value);

/** A secret of an environment; gives its id. */
export function secretRow(portolan: Portolan, environmentId: string, columns: Columns = {}, value = 'value') {
  const id = uuidv7();
  const sealed = sealedSecret(id, value);
  return insert(portolan, 'secrets', {
    id,
    environment_id: environmentId,
    key: uniqueKey('SECRET'),
    value_sealed: sealed,
    ...columns,
  });
}

/** A config file of an environment that names keys. */
export async function configFileRow(portolan: Portolan, environmentId: string, keysNamed: string[] = [], columns: Columns = {}) {
  const name = unique('file');
  const texts = { name, filename: `${name}.env`, content: '', checksum: '', language: 'plaintext', file_size: 0 };
  const id = await insert(portolan, 'config_files', { environment_id: environmentId, ...texts, ...columns });
  for (const key of keysNamed) {
    await portolan.sql('insert into config_file_keys (config_file_id, key) values ($1, $2)', [id, key]);
  }
  return id;
}

/** A config fragment of an environment that names keys, as the last one of some files. */
export async function configFragmentRow(portolan: Portolan, environmentId: string, keysNamed: string[], fileIds: string[] = []) {
  const id = await insert(portolan, 'config_fragments', { environment_id: environmentId, name: unique('fragment'), content: '' });
  for (const key of keysNamed) {
    await portolan.sql('insert into config_fragment_keys (fragment_id, key) values ($1, $2)', [id, key]);
  }
  for (const fileId of fileIds) {
    await portolan.sql(
      `insert into config_file_fragments (config_file_id, position, fragment_id)
       select $1, (select count(*) from config_file_fragments where config_file_id = $1), $2`,
      [fileId, id],
    );
  }
  return id;
}

/** A config file attached to a service, for one placement or for all of them. */
export const serviceFileRow = (portolan: Portolan, serviceId: string, configFileId: string, columns: Columns = {}) =>
  insert(portolan, 'service_files', {
    service_id: serviceId,
    config_file_id: configFileId,
    target_path: `/etc/${unique('target')}`,
    ...columns,
  });

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

/** The keys that a service and its placements are known to name. */
export async function keysNamedBy(portolan: Portolan, serviceId: string): Promise<{ service: string[]; placements: string[] }> {
  const [row] = await portolan.sql(
    `select array(select key from service_keys where service_id = $1 order by key) as service,
       array(select key from service_deployment_keys join service_deployments placed on placed.id = service_deployment_id
         where placed.service_id = $1 order by key) as placements`,
    [serviceId],
  );
  return row;
}
