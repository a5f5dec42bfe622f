import { unique } from './fixtures';
import type { Answered, Portolan } from './portolan';

function made(answer: Answered, member: string): any {
  if (answer.status !== 201) throw new Error(`${member} was not created: ${answer.text}`);
  return answer.body[member];
}

/** A config file as the API answers it. */
export async function configFile(portolan: Portolan, envId: string, content = 'a: 1\n', members: object = {}): Promise<any> {
  const body = { name: unique('file'), filename: 'app.yml', content, ...members };
  return made(await portolan.call('createConfigFile', { path: { envId }, body }), 'configFile');
}

/** A config fragment as the API answers it. */
export async function configFragment(portolan: Portolan, envId: string, content: string): Promise<any> {
  const body = { name: unique('fragment'), content };
  return made(await portolan.call('createConfigFragment', { path: { envId }, body }), 'fragment');
}

/** A var or a secret of an environment. */
export async function keyed(portolan: Portolan, kind: 'Var' | 'Secret', envId: string, key: string, value: string): Promise<any> {
  const answer = await portolan.call(`create${kind}`, { path: { envId }, body: { key, value } });
  return made(answer, kind.toLowerCase());
}

/** An attachment as the API answers it. */
export async function attachment(
  portolan: Portolan,
  serviceId: string,
  configFileId: string,
  members: object = {},
): Promise<any> {
  const body = { configFileId, targetPath: `/etc/${unique('path')}`, ...members };
  return made(await portolan.call('attachServiceFile', { path: { id: serviceId }, body }), 'serviceFile');
}

/** What was delivered of an attachment to a placement, as a delivery leaves it behind. */
export const delivered = (portolan: Portolan, serviceFileId: string, placementId: string, text: string) =>
  portolan.sql(
    `insert into service_file_deliveries (service_file_id, service_deployment_id, checksum, delivered_at)
      values ($1, $2, encode(sha256($3), 'hex'), '2026-03-01T08:11:30.000Z')
      on conflict (service_file_id, service_deployment_id) do update set checksum = excluded.checksum`,
    [serviceFileId, placementId, Buffer.from(text)],
  );
