import { unique } from '../../support/fixtures';
import type { Answered, Call, Portolan } from '../../support/portolan';

/** Creates a config file; gives it. */
export async function createFile(portolan: Portolan, envId: string, members: object = {}): Promise<any> {
  const body = { name: unique('file'), filename: 'app.conf', content: 'first', ...members };
  const answer = await portolan.call('createConfigFile', { path: { envId }, body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.configFile;
}

/** Creates a config fragment; gives it. */
export async function createFragment(portolan: Portolan, envId: string, members: object = {}): Promise<any> {
  const body = { name: unique('fragment'), content: 'part', ...members };
  return (await portolan.call('createConfigFragment', { path: { envId }, body })).body.fragment;
}

export const updateFile = (portolan: Portolan, id: string, body: unknown, more: Call = {}): Promise<Answered> =>
  portolan.call('updateConfigFile', { path: { id }, body, ...more });

/** A service with an attached file; gives the id of both. */
export async function attach(portolan: Portolan, envId: string, fileId: string, targetPath = `/etc/${unique('f')}`) {
  const image = unique('image');
  const [service] = await portolan.sql<{ id: string }>(
    `with image as (insert into container_images (id, environment_id, name, image_name, repository)
       values (gen_random_uuid(), $1, $2::text, 'reg.example/' || $2, 'reg.example/' || $2) returning id)
     insert into services (id, environment_id, name, container_image_id) select gen_random_uuid(), $1, $2, id from image returning id`,
    [envId, image],
  );
  const serviceId = service?.id as string;
  const [file] = await portolan.sql<{ id: string }>(
    `insert into service_files (id, service_id, config_file_id, target_path) values (gen_random_uuid(), $1, $2, $3) returning id`,
    [serviceId, fileId, targetPath],
  );
  return { serviceId, serviceName: image, serviceFileId: file?.id as string };
}

/** A placement of a service on a server of its own; gives its id. */
export async function place(portolan: Portolan, envId: string, serviceId: string): Promise<string> {
  const name = unique('server');
  const [row] = await portolan.sql<{ id: string }>(
    `with server as (insert into servers (id, environment_id, name, hostname) values (gen_random_uuid(), $1, $2, $2) returning id)
     insert into service_deployments (id, service_id, server_id, container_name)
       select gen_random_uuid(), $3, id, $2 from server returning id`,
    [envId, name, serviceId],
  );
  return row?.id as string;
}

/** `status field code`: what a refusal says first. */
export const refusal = ({ status, body }: Answered): unknown[] => [status, body.field, body.details?.[0]?.code];
