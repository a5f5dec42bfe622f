import { notFound, Problem } from '../errors';
import { hasScope, type Principal, seesEnvironment } from './principal';
import type { Scope } from './scopes';

interface ResourceScopes {
  read: Scope;
  write: Scope;
}

const manage = (scope: Scope): ResourceScopes => ({ read: scope, write: scope });

const environments: ResourceScopes = { read: 'environments:read', write: 'environments:write' };
const images: ResourceScopes = { read: 'images:read', write: 'images:write' };
const services: ResourceScopes = { read: 'services:read', write: 'services:write' };
const droplets: ResourceScopes = { read: 'droplets:read', write: 'droplets:write' };
const configs: ResourceScopes = { read: 'configs:read', write: 'configs:write' };
const databases: ResourceScopes = { read: 'databases:read', write: 'databases:write' };
const servers: ResourceScopes = { read: 'servers:read', write: 'servers:write' };
const types: ResourceScopes = { read: 'types:read', write: 'types:write' };
const settings: ResourceScopes = { read: 'settings:read', write: 'settings:write' };

/** Which scopes read and change resources of a type; what belongs to a resource takes the same. */
export const resourceScopes: Readonly<Record<string, ResourceScopes>> = {
  registry: { read: 'registries:read', write: 'registries:write' },
  container_image: images,
  service: services,
  service_deployment: services,
  droplet: droplets,
  package: droplets,
  build: droplets,
  deployment_plan: { read: 'deploys:read', write: 'deploys:write' },
  secret: { read: 'secrets:read', write: 'secrets:write' },
  var: { read: 'vars:read', write: 'vars:write' },
  config_file: configs,
  config_fragment: configs,
  service_file: configs,
  database: databases,
  backup: databases,
  backup_schedule: databases,
  backup_policy: databases,
  environment: environments,
  server: servers,
  server_cluster: servers,
  user: manage('users:manage'),
  login: manage('users:manage'),
  api_token: manage('tokens:manage'),
  service_account: manage('tokens:manage'),
  service_type: types,
  database_type: types,
  system_settings: settings,
  environment_settings: settings,
  webhook: { read: 'webhooks:read', write: 'webhooks:write' },
};

/** What something belongs to: a resource, an environment, or else the installation. */
export interface Belonging {
  resource_type: string | null;
  environment_id: string | null;
}

/** Types whose resources a principal may read. A type that is not in the table is readable by nobody. */
export const readableResourceTypes = (principal: Principal): string[] =>
  Object.keys(resourceScopes).filter((type) => hasScope(principal, resourceScopes[type]?.read ?? ''));

const typeOf = ({ resource_type, environment_id }: Belonging): string =>
  resource_type ?? (environment_id === null ? 'system_settings' : 'environment');

const reaches = (principal: Principal, row: Belonging, verb: keyof ResourceScopes): boolean => {
  const scopes = resourceScopes[typeOf(row)];
  return seesEnvironment(principal, row.environment_id) && scopes !== undefined && hasScope(principal, scopes[verb]);
};

/** Whether a principal may read what something belongs to. */
export const mayRead = (principal: Principal, row: Belonging): boolean => reaches(principal, row, 'read');

/** The row, if it is there and its resource may be read; else 404. */
export function readable<Row extends Belonging>(principal: Principal, row: Row | undefined, noun: string, id: string): Row {
  if (!row || !reaches(principal, row, 'read')) throw notFound(noun, id);
  return row;
}

/** The row, if its resource may be changed: 403 for whoever may only read it, 404 for anybody else. */
export function changeable<Row extends Belonging>(principal: Principal, row: Row | undefined, noun: string, id: string): Row {
  if (row && reaches(principal, row, 'write')) return row;
  const { resource_type, environment_id } = readable(principal, row, noun, id);
  const scope = resourceScopes[typeOf({ resource_type, environment_id })]?.write;
  throw new Problem('forbidden_scope', {
    message: `This ${noun} belongs to a resource that takes the scope ${scope}, which this token does not have.`,
    hint: 'Create a token that lists this scope.',
    details: { requiredScope: scope },
  });
}
