import { uuidv7 } from 'uuidv7';
import { unique } from './fixtures';
import type { Answered, Portolan } from './portolan';

function created(answer: Answered, member: string): any {
  if (answer.status !== 201) throw new Error(`${member} was not created: ${answer.text}`);
  return answer.body[member];
}

/** A registry connection as the API answers it. */
export async function registry(portolan: Portolan, envId: string, members: object = {}): Promise<any> {
  const body = { name: unique('registry'), type: 'generic', registryUrl: 'ghcr.io', ...members };
  return created(await portolan.call('createRegistry', { path: { envId }, body }), 'registry');
}

/** A container image as the API answers it. */
export async function containerImage(portolan: Portolan, envId: string, members: object = {}): Promise<any> {
  const body = { name: unique('image'), imageName: `ghcr.io/acme/${unique('repository')}`, ...members };
  return created(await portolan.call('createContainerImage', { path: { envId }, body }), 'image');
}

/** A service as the API answers it, of an image of its own unless one is named. */
export async function service(
  portolan: Portolan,
  envId: string,
  members: { containerImageId?: string } & object = {},
): Promise<any> {
  const containerImageId = members.containerImageId ?? (await containerImage(portolan, envId)).id;
  const body = { name: unique('service'), ...members, containerImageId };
  return created(await portolan.call('createService', { path: { envId }, body }), 'service');
}

/** A server as the API answers it. */
export async function server(portolan: Portolan, envId: string, members: object = {}): Promise<any> {
  const body = { name: unique('server'), hostname: '10.0.0.5', ...members };
  return created(await portolan.call('createServer', { path: { envId }, body }), 'server');
}

/** A placement as the API answers it, on a server of its own unless one is named. */
export async function placement(
  portolan: Portolan,
  serviceId: string,
  members: { [member: string]: unknown } = {},
): Promise<any> {
  const [found] = await portolan.sql('select environment_id from services where id = $1', [serviceId]);
  const serverId = members.serverId ?? (await server(portolan, found.environment_id)).id;
  const body = { containerName: unique('container'), ...members, serverId };
  return created(await portolan.call('createServiceDeployment', { path: { id: serviceId }, body }), 'deployment');
}

export interface DigestColumns {
  manifest_digest?: string;
  tags?: string[];
  best_tag?: string | null;
  rank?: number | null;
  pushed_at?: string | null;
  discovered_at?: string;
  eligible?: boolean;
  size_bytes?: number | null;
}

/** A digest of an image, as a refresh would store it; gives its id. */
export async function digest(portolan: Portolan, imageId: string, columns: DigestColumns = {}): Promise<string> {
  const id = uuidv7();
  const row = {
    id,
    container_image_id: imageId,
    manifest_digest: `sha256:${uuidv7().replaceAll('-', '').repeat(2)}`,
    media_type: 'application/vnd.oci.image.manifest.v1+json',
    ...columns,
  };
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  await portolan.sql(`insert into image_digests (${names.join(', ')}) values (${places.join(', ')})`, Object.values(row));
  return id;
}

/** A service type with commands (name to text); gives its id. */
export async function serviceType(
  portolan: Portolan,
  commands: Record<string, string> = {},
  displayName = 'Django',
): Promise<string> {
  const id = uuidv7();
  await portolan.sql('insert into service_types (id, name, display_name) values ($1, $2, $3)', [id, unique('type'), displayName]);
  for (const [index, [name, command]] of Object.entries(commands).entries()) {
    await portolan.sql(
      `insert into type_commands (id, service_type_id, name, display_name, command, sort_order) values ($1, $2, $3, $3, $4, $5)`,
      [uuidv7(), id, name, command, index],
    );
  }
  return id;
}

/** A query whose commas separate values: escaped, they would be part of one. */
export const queryOf = (parameters: Record<string, string | number | boolean>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`)
    .join('&');
