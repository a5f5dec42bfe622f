import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { token, unique } from './fixtures';
import type { Portolan } from './portolan';
import { imageRow, serviceRow } from './rows';

/** Rows of what /v3 shows, put there directly: for objects whose own operations a test is not about. */

type Columns = Record<string, unknown>;

async function insert(portolan: Portolan, table: string, columns: Columns): Promise<string> {
  const row: Columns = { id: uuidv7(), ...columns };
  const names = Object.keys(row);
  const slots = names.map((_, index) => `$${index + 1}`);
  await portolan.sql(`insert into ${table} (${names.join(', ')}) values (${slots.join(', ')})`, Object.values(row));
  return row.id as string;
}

const spaceOf = async (portolan: Portolan, appId: string): Promise<string> =>
  (await portolan.sql('select environment_id from services where id = $1', [appId]))[0].environment_id;

/** A digest that nothing else has. */
export const newDigest = (): string => `sha256:${randomBytes(32).toString('hex')}`;

/** Start data of the droplets of fixtures, as the wire has it. */
export const startData = {
  execution_metadata: '{"ports":[{"Port":8080,"Protocol":"tcp"}],"user":"app"}',
  process_types: { web: '/bin/shop serve' },
};

/** A package of an app. */
export const packageRow = async (portolan: Portolan, appId: string, columns: Columns = {}): Promise<string> =>
  insert(portolan, 'packages', {
    service_id: appId,
    environment_id: await spaceOf(portolan, appId),
    image: 'ghcr.io/acme/shop:1.4',
    ...columns,
  });

/** A digest of a container image. */
export const digestRow = (portolan: Portolan, imageId: string, manifestDigest = newDigest()): Promise<string> =>
  insert(portolan, 'image_digests', {
    container_image_id: imageId,
    manifest_digest: manifestDigest,
    media_type: 'application/vnd.oci.image.index.v1+json',
    platforms: ['linux/amd64'],
    size_bytes: 1234,
    has_facts: true,
  });

/** A staged droplet of an app; its image is a text only, unless the columns say otherwise. */
export const dropletRow = async (portolan: Portolan, appId: string, columns: Columns = {}): Promise<string> =>
  insert(portolan, 'droplets', {
    service_id: appId,
    environment_id: await spaceOf(portolan, appId),
    image: `ghcr.io/acme/shop@${newDigest()}`,
    execution_metadata: startData.execution_metadata,
    process_types: JSON.stringify(startData.process_types),
    ...columns,
  });

/** A droplet of an app as a build leaves it: with a digest of a container image that its space has. */
export async function builtDroplet(portolan: Portolan, appId: string, repository = `ghcr.io/acme/${unique('built')}`) {
  const envId = await spaceOf(portolan, appId);
  const [present] = await portolan.sql('select id from container_images where environment_id = $1 and repository = $2', [
    envId,
    repository,
  ]);
  const imageId = present?.id ?? (await imageRow(portolan, envId, { image_name: repository, repository }));
  const manifestDigest = newDigest();
  const digestId = await digestRow(portolan, imageId, manifestDigest);
  const image = `${repository}@${manifestDigest}`;
  const id = await dropletRow(portolan, appId, { image, image_digest_id: digestId });
  return { id, imageId, digestId, manifestDigest, image, repository };
}

/** Makes a droplet the current one of its app. */
export const makeCurrent = (portolan: Portolan, dropletId: string) =>
  portolan.sql(
    'update services set current_droplet_id = droplets.id from droplets where droplets.id = $1 and services.id = service_id',
    [dropletId],
  );

/** An app; gives its id. */
export const appIn = (portolan: Portolan, envId: string, columns: Columns = {}) => serviceRow(portolan, envId, columns);

/** Suspends the installation, or lifts that; remembered credentials are forgotten. */
export async function suspend(portolan: Portolan, suspended: boolean): Promise<void> {
  await portolan.sql('update installation set suspended = $1', [suspended]);
  portolan.context.authenticator.forget();
}

const kinds = {
  admin: { role: 'admin' },
  reader: { role: 'admin', scopes: ['droplets:read', 'secrets:reveal'] },
  readerWithImage: { role: 'admin', scopes: ['droplets:read', 'secrets:reveal', 'droplets:repoint'] },
  developer: { role: 'operator' },
  developerWithImage: { role: 'admin', scopes: ['droplets:read', 'droplets:write', 'droplets:repoint'] },
  supporter: { role: 'operator', scopes: ['droplets:read', 'droplets:assign'] },
  supporterWithImage: { role: 'admin', scopes: ['droplets:read', 'droplets:assign', 'droplets:repoint'] },
  viewer: { role: 'viewer' },
  viewerWithImage: { role: 'admin', scopes: ['droplets:read', 'droplets:repoint'] },
  imageOnly: { role: 'admin', scopes: ['droplets:repoint'] },
} as const;

export type Caller = keyof typeof kinds | 'outside' | 'outsideWithImage' | 'anonymous';
export type Callers = Record<Caller, string | null>;

/** A credential of each kind that the role table of /v3 knows: `inside` is what they reach, `outside` what the outsiders do. */
export async function callersOf(portolan: Portolan, inside: string[], outside: string): Promise<Callers> {
  const made: Partial<Callers> = { anonymous: null };
  for (const [name, { role, ...scopes }] of Object.entries(kinds)) {
    const limits = name === 'admin' ? {} : { environments: inside };
    const wishes = { role, ...('scopes' in scopes ? { scopes: [...scopes.scopes] } : {}), ...limits };
    made[name as Caller] = (await token(portolan, wishes)).token;
  }
  made.outside = (await token(portolan, { role: 'operator', environments: [outside] })).token;
  const withImage = { role: 'admin' as const, scopes: [...kinds.developerWithImage.scopes], environments: [outside] };
  made.outsideWithImage = (await token(portolan, withImage)).token;
  return made as Callers;
}

/** Audit rows of a resource, oldest first. */
export const auditOf = (portolan: Portolan, resourceId: string) =>
  portolan.sql(
    'select action, operation_id, resource_type, resource_name, environment_id, details from audit_logs where resource_id = $1 order by created_at, id',
    [resourceId],
  );

/** Jobs that wait, by task and payload. */
export const waitingJobs = (portolan: Portolan, task: string): Promise<{ payload: any }[]> =>
  portolan.sql(
    `select payload from graphile_worker._private_jobs jobs join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id
     where tasks.identifier = $1`,
    [task],
  );

/** A build of an app's package, which has ended. */
export const buildRow = async (portolan: Portolan, appId: string, packageId: string, columns: Columns = {}): Promise<string> =>
  insert(portolan, 'builds', {
    service_id: appId,
    environment_id: await spaceOf(portolan, appId),
    package_id: packageId,
    state: 'STAGED',
    created_by_type: 'user',
    created_by_id: uuidv7(),
    created_by_name: 'Ada',
    created_by_email: 'ada@example.com',
    ...columns,
  });
