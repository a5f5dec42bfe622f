import { uuidv7 } from 'uuidv7';
import type { OperationId } from '../../generated/operations';
import { placeOfSshKey } from '../../src/store/environmentSsh';
import { seal } from '../../src/store/sealing';
import { exampleBodyOf, factsOf } from './contract';
import { fixturePasswordHash, unique } from './fixtures';
import type { Portolan } from './portolan';
import { sealedSecret } from './rows';

/**
 * Real objects for the paths of generic tests: one of each kind, all of one environment, children below their parents.
 * An operation's path parameters find theirs by noun (`x-resource`); `noun` below a type depends on the path.
 */
export type Objects = Record<string, string>;

export interface ObjectOwner {
  userId: string;
  /** Absent: a new environment. */
  environmentId?: string;
}

/** What the commands of the contract's examples name. */
const connectionFields = ['host', 'port', 'databaseName', 'username', 'password'].map((name) => ({
  name,
  label: name,
  type: name === 'port' ? 'number' : name === 'password' ? 'password' : 'text',
  required: true,
}));

/** Makes one object of each kind; gives their ids by noun. */
export async function makeObjects(portolan: Portolan, owner: ObjectOwner): Promise<Objects> {
  const ids: Record<string, string> = Object.fromEntries(
    [
      'environment',
      'user',
      'token',
      'account',
      'registry',
      'image',
      'digest',
      'service',
      'server',
      'serverOfPlacement',
      'placement',
      'configFile',
      'configFileOfService',
      'serviceFile',
      'serviceType',
      'serviceCommand',
      'databaseType',
      'databaseCommand',
      'operation',
      'audit',
      'package',
      'build',
      'droplet',
      'currentDroplet',
      'job',
      'var',
      'secret',
      'configFragment',
      'configFileVersion',
    ].map((kind) => [kind, uuidv7()]),
  );
  if (owner.environmentId) ids.environment = owner.environmentId;
  const name = unique('object').replace(/[^a-z0-9-]/g, '');
  const key = name.toUpperCase().replaceAll('-', '_');
  const digest = `sha256:${uuidv7().replaceAll('-', '').repeat(2)}`;
  const environment = owner.environmentId ? '' : `insert into environments (id, name) values ('${ids.environment}', '${name}');`;
  await portolan.sql(`${environment}
    insert into users (id, email, password_hash, role) values ('${ids.user}', '${name}@example.com', '${await fixturePasswordHash()}', 'operator');
    insert into service_accounts (id, name, role) values ('${ids.account}', '${name}', 'operator');
    insert into api_tokens (id, name, token_hash, token_prefix, user_id, role, all_environments, expires_at)
      values ('${ids.token}', '${name}', decode(md5('${ids.token}'), 'hex'), 'ptl_pat_none', '${owner.userId}', 'viewer', true, '2999-01-01');
    insert into service_types (id, name, display_name) values ('${ids.serviceType}', '${name}', '${name}');
    insert into database_types (id, name, display_name, connection_fields) values ('${ids.databaseType}', '${name}', '${name}', '${JSON.stringify(connectionFields)}');
    insert into type_commands (id, service_type_id, name, display_name, command, sort_order)
      values ('${ids.serviceCommand}', '${ids.serviceType}', 'reload', 'Reload', 'sh', 0);
    insert into type_commands (id, database_type_id, name, display_name, command, sort_order)
      values ('${ids.databaseCommand}', '${ids.databaseType}', 'shell', 'Shell', 'sh', 0);
    insert into registries (id, environment_id, name, type, registry_url, username)
      values ('${ids.registry}', '${ids.environment}', '${name}', 'generic', 'http://127.0.0.1:9', 'ci');
    insert into container_images (id, environment_id, name, image_name, repository, registry_connection_id)
      values ('${ids.image}', '${ids.environment}', '${name}', '127.0.0.1:9/acme/${name}', '127.0.0.1:9/acme/${name}', '${ids.registry}');
    insert into image_digests (id, container_image_id, manifest_digest, media_type)
      values ('${ids.digest}', '${ids.image}', '${digest}', 'application/vnd.oci.image.manifest.v1+json');
    insert into vars (id, environment_id, key, value) values ('${ids.var}', '${ids.environment}', '${key}', 'value');
    insert into secrets (id, environment_id, key, value_sealed)
      values ('${ids.secret}', '${ids.environment}', '${key}', '${sealedSecret(ids.secret as string, 'value', portolan.context.keyring)}');
    insert into services (id, environment_id, name, container_image_id, service_type_id)
      values ('${ids.service}', '${ids.environment}', '${name}', '${ids.image}', '${ids.serviceType}');
    ${['server', 'serverOfPlacement'].map((kind) => serverSql(ids, kind, `${name}-${kind}`)).join('')}
    insert into service_deployments (id, service_id, server_id, container_name)
      values ('${ids.placement}', '${ids.service}', '${ids.serverOfPlacement}', '${name}');
    ${['configFile', 'configFileOfService'].map((kind) => configFileSql(ids, kind, `${name}-${kind}`)).join('')}
    insert into service_files (id, service_id, config_file_id, target_path)
      values ('${ids.serviceFile}', '${ids.service}', '${ids.configFileOfService}', '/attached/${name}');
    insert into operations (id, kind, resource_type, resource_id, environment_id, created_by_type, created_by_id, created_by_name)
      values ('${ids.operation}', 'registry.checkUpdates', 'registry', '${ids.registry}', '${ids.environment}', 'user', '${owner.userId}', 'x');
    insert into audit_logs (id, action, operation_id, resource_type, resource_id, request_id, environment_id)
      values ('${ids.audit}', 'create', 'createRegistry', 'registry', '${ids.registry}', 'none', '${ids.environment}');
    insert into packages (id, environment_id, service_id, image)
      values ('${ids.package}', '${ids.environment}', '${ids.service}', '127.0.0.1:9/acme/${name}:1');
    ${['droplet', 'currentDroplet'].map((kind) => dropletSql(ids, kind, `127.0.0.1:9/acme/${name}@${digest}`)).join('')}
    update services set current_droplet_id = '${ids.currentDroplet}' where id = '${ids.service}';
    insert into builds (id, environment_id, service_id, package_id, droplet_id, state, created_by_type, created_by_id, created_by_name, created_by_email)
      values ('${ids.build}', '${ids.environment}', '${ids.service}', '${ids.package}', '${ids.droplet}', 'STAGED', 'user', '${owner.userId}', 'x', 'x@example.com');
    insert into operations (id, kind, state, resource_type, resource_id, environment_id, created_by_type, created_by_id, created_by_name)
      values ('${ids.job}', 'droplet.delete', 'running', 'droplet', '${ids.droplet}', '${ids.environment}', 'user', '${owner.userId}', 'x');
    insert into config_fragments (id, environment_id, name, content) values ('${ids.configFragment}', '${ids.environment}', '${name}', 'a = 1');
    insert into config_file_history (id, config_file_id, is_binary, content, checksum)
      values ('${ids.configFileVersion}', '${ids.configFile}', false, 'b = 0', encode(sha256('b = 0'), 'hex'));`);
  await portolan.sql(
    `insert into environment_ssh (environment_id, private_key_sealed, ssh_user, key_type, fingerprint)
     values ($1, $2, 'root', 'ed25519', 'SHA256:none') on conflict do nothing`,
    [ids.environment, seal(portolan.context.keyring, placeOfSshKey(ids.environment as string), 'no key')],
  );
  ids.organization = await organizationOf(portolan);
  return ids;
}

const serverSql = (ids: Objects, kind: string, name: string): string => `
    insert into servers (id, environment_id, name, hostname) values ('${ids[kind]}', '${ids.environment}', '${name}', '10.0.0.5');`;

const configFileSql = (ids: Objects, kind: string, name: string): string => `
    insert into config_files (id, environment_id, name, filename, content, file_size, checksum, language)
      values ('${ids[kind]}', '${ids.environment}', '${name}', 'app.yml', 'a: 1', 4, encode(sha256('a: 1'), 'hex'), 'yaml');`;

/** A droplet that is ready, with start data that only some may see. */
const dropletSql = (ids: Objects, kind: string, image: string): string => `
    insert into droplets (id, service_id, environment_id, image_digest_id, state, image, package_id, execution_metadata, process_types)
      values ('${ids[kind]}', '${ids.service}', '${ids.environment}', '${ids.digest}', 'STAGED', '${image}', '${ids.package}',
        '{"ports":[{"Port":8080,"Protocol":"tcp"}],"cmd":["secret-start-data"]}', '{"web":"secret-start-data"}');`;

const organizations = new WeakMap<Portolan, string>();
/** The id of the installation, which is the one organization; it never changes. */
async function organizationOf(portolan: Portolan): Promise<string> {
  const known = organizations.get(portolan) ?? ((await portolan.sql('select id from installation'))[0].id as string);
  organizations.set(portolan, known);
  return known;
}

/** Nouns of the contract, letters only, to the kinds above. */
const kinds: Record<string, string | ((path: string) => string)> = {
  environment: 'environment',
  user: 'user',
  apitoken: 'token',
  token: 'token',
  serviceaccount: 'account',
  registry: 'registry',
  registryconnection: 'registry',
  containerimage: 'image',
  image: 'image',
  imagedigest: 'digest',
  digest: 'digest',
  service: 'service',
  server: 'server',
  servicedeployment: 'placement',
  configfile: 'configFile',
  servicefile: 'serviceFile',
  servicetype: 'serviceType',
  databasetype: 'databaseType',
  servicetypecommand: 'serviceCommand',
  databasetypecommand: 'databaseCommand',
  command: (path) => (path.includes('database-types') ? 'databaseCommand' : 'serviceCommand'),
  operation: 'operation',
  auditlog: 'audit',
  auditentry: 'audit',
  auditrecord: 'audit',
  app: 'service',
  process: 'service',
  space: 'environment',
  organization: 'organization',
  package: 'package',
  build: 'build',
  droplet: 'droplet',
  job: 'job',
  var: 'var',
  secret: 'secret',
  configfragment: 'configFragment',
  configfileversion: 'configFileVersion',
};

/** Path parameters that are no ids. */
const texts: Record<string, string> = {
  documentationfile: 'start.js',
  processtype: 'web',
  settingsmodule: 'general',
  repository: 'acme/app',
  repo: 'acme/app',
};

export interface KnownPath {
  path: Record<string, string>;
  /** Whether each id names a real object. */
  real: boolean;
}

/** The path parameters of an operation; a random id where no fixture knows the noun. */
export function pathOf(operationId: OperationId, objects: Objects): KnownPath {
  const facts = factsOf(operationId);
  let real = true;
  const path = Object.fromEntries(
    Object.entries(facts.nouns).map(([parameter, noun]) => {
      const letters = noun.toLowerCase().replace(/[^a-z]/g, '');
      const kind = kinds[letters];
      const id = texts[letters] ?? (kind && objects[typeof kind === 'string' ? kind : kind(facts.path)]);
      real &&= id !== undefined;
      return [parameter, id ?? uuidv7()];
    }),
  );
  return { path, real };
}

/** Path parameters that name nothing. */
export function unknownPathOf(operationId: OperationId): Record<string, string> {
  return Object.fromEntries(Object.keys(factsOf(operationId).nouns).map((parameter) => [parameter, uuidv7()]));
}

/** Members that name other objects. */
const references: Record<string, string> = {
  environmentId: 'environment',
  environmentIds: 'environment',
  ownerUserId: 'user',
  userId: 'user',
  ownerServiceAccountId: 'account',
  registryConnectionId: 'registry',
  registryId: 'registry',
  containerImageId: 'image',
  imageDigestId: 'digest',
  digestId: 'digest',
  serverId: 'server',
  serviceId: 'service',
  serviceIds: 'service',
  serviceDeploymentId: 'placement',
  configFileId: 'configFile',
  serviceTypeId: 'serviceType',
  databaseTypeId: 'databaseType',
  resourceId: 'registry',
  fragmentId: 'configFragment',
  fragmentIds: 'configFragment',
};

/** Under /v3 a reference stands as `{"app":{"data":{"guid":…}}}`; the one without a name is a droplet. */
const v3References: Record<string, string> = {
  app: 'service',
  space: 'environment',
  package: 'package',
  droplet: 'droplet',
  data: 'droplet',
};
/** Members that only wrap a reference, whose name is that of the member around them. */
const wrappers = ['data', 'guid'];

/** The name under which a member of an object may hold a reference; `around` is that of the object. */
export const nameOfMember = (operationId: OperationId, around: string, member: string): string =>
  factsOf(operationId).surface === 'v3' && wrappers.includes(member) && around in v3References ? around : member;

/** The id that a member of a request may hold; '' stands for the body itself, a list of all children of the path's parent. */
export function referenceOf(operationId: OperationId, member: string, objects: Objects): string | undefined {
  if (factsOf(operationId).surface === 'v3') {
    const kind = v3References[member];
    return kind && objects[kind];
  }
  const kind =
    member === ''
      ? factsOf(operationId).path.includes('database-types')
        ? 'databaseCommand'
        : 'serviceCommand'
      : references[member];
  return kind && objects[kind];
}

const looksLikeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The contract's example body with its ids replaced by those of real objects; undefined for an operation without body. */
export function acceptableBody(operationId: OperationId, objects: Objects): unknown {
  const real = (value: unknown, member: string): unknown => {
    if (typeof value === 'string' && looksLikeId.test(value)) return referenceOf(operationId, member, objects) ?? value;
    if (Array.isArray(value)) return [...new Set(value.map((entry) => real(entry, member)))];
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, real(entry, nameOfMember(operationId, member, name))]),
    );
  };
  return real(exampleBodyOf(operationId), '');
}
