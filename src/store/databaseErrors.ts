import { alreadyTaken, invalid, notFound, Problem } from '../domain/errors';

/**
 * The one place that knows what an error of the database means to a client. Handlers check first, for a better message;
 * this is what holds when two requests race.
 */

interface DatabaseError {
  code: string;
  constraint?: string;
}

const uniqueConstraints: Record<string, [field: string, message: string]> = {
  environments_name_unique: ['name', 'Another environment has this name.'],
  users_email_unique: ['email', 'Another user has this address.'],
  service_accounts_name_unique: ['name', 'Another service account has this name.'],
  service_types_name_unique: ['name', 'Another service type has this name.'],
  database_types_name_unique: ['name', 'Another database type has this name.'],
  type_commands_service_name_unique: ['name', 'Another command of this type has this name.'],
  type_commands_database_name_unique: ['name', 'Another command of this type has this name.'],
  registries_name_unique: ['name', 'Another registry connection of this environment has this name.'],
  registries_one_default: ['isDefault', 'Another registry connection became the default at the same time.'],
  container_images_image_name_unique: ['imageName', 'This environment already follows this image.'],
  container_images_repository_unique: ['imageName', 'This environment already follows this repository under another spelling.'],
  services_name_unique: ['name', 'Another service of this environment has this name.'],
  servers_name_unique: ['name', 'Another server of this environment has this name.'],
  service_deployments_server_unique: ['serverId', 'The service already has a placement on this server.'],
  service_deployments_container_name_unique: ['containerName', 'Another placement on this server has this container name.'],
  vars_key_unique: ['key', 'Another var of this environment has this key.'],
  secrets_key_unique: ['key', 'Another secret of this environment has this key.'],
  config_fragments_name_unique: ['name', 'Another config fragment of this environment has this name.'],
  config_files_name_unique: ['name', 'Another config file of this environment has this name.'],
  service_files_base_once: ['configFileId', 'This config file is already attached to the service.'],
  service_files_override_once: ['configFileId', 'This config file is already attached to the placement.'],
  service_files_base_target: ['targetPath', 'Another config file of the service has this path.'],
  service_files_override_target: ['targetPath', 'Another config file of the placement has this path.'],
};

/** References that a body names; on deletion the same constraints mean "in use". */
const referenceConstraints: Record<string, [field: string, noun: string]> = {
  container_images_registry: ['registryConnectionId', 'registry connection of this environment'],
  services_container_image: ['containerImageId', 'container image of this environment'],
  services_service_type: ['serviceTypeId', 'service type'],
  service_deployments_server: ['serverId', 'server of this environment'],
  config_file_fragments_fragment: ['fragmentIds', 'config fragment of this environment'],
  service_files_config_file: ['configFileId', 'config file of this environment'],
  service_files_service_deployment_id_fkey: ['serviceDeploymentId', 'placement of this service'],
  api_token_environments_environment_id_fkey: ['environmentIds', 'environment'],
  api_tokens_user_id_fkey: ['ownerUserId', 'user'],
  api_tokens_service_account_id_fkey: ['ownerServiceAccountId', 'service account'],
};

/** References to what the path names: it was there when the handler looked, and is gone now. */
const parentConstraints: Record<string, string> = {
  registries_environment_id_fkey: 'environment',
  container_images_environment_id_fkey: 'environment',
  services_environment_id_fkey: 'environment',
  servers_environment_id_fkey: 'environment',
  vars_environment_id_fkey: 'environment',
  secrets_environment_id_fkey: 'environment',
  config_fragments_environment_id_fkey: 'environment',
  config_files_environment_id_fkey: 'environment',
  environment_ssh_environment_id_fkey: 'environment',
  environment_settings_environment_id_fkey: 'environment',
  service_deployments_service_id_fkey: 'service',
  service_files_service_id_fkey: 'service',
  operations_environment_id_fkey: 'environment',
  type_commands_service_type_id_fkey: 'service type',
  type_commands_database_type_id_fkey: 'database type',
};

const connectionCodes = new Set(['57P01', '57P02', '57P03', '53300', '53400', '08000', '08001', '08003', '08004', '08006']);
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

/** Whether the same transaction may succeed when it is run again: serialization failure or deadlock. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** Whether the database could not be reached or went away. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code && (connectionCodes.has(code) || networkCodes.has(code) || isRetryable(error))) return true;
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool/.test(
    message,
  );
}

/** The name of the unique or foreign key that an error tells to be broken; undefined for any other. */
export function violatedConstraint(error: unknown): string | undefined {
  const code = codeOf(error);
  return code === '23505' || code === '23503' ? (error as DatabaseError).constraint : undefined;
}

/** An error of the database as a Problem, or undefined when it is none that a client can act on. */
export function problemOfDatabaseError(error: unknown): Problem | undefined {
  if (isUnavailable(error)) {
    return new Problem('unavailable', {
      message: 'The database does not answer.',
      hint: 'This request changed nothing unless an earlier answer to it said so. Try again; send an Idempotency-Key to be sure.',
      retryAfterSeconds: 1,
      cause: error,
    });
  }
  const { code, constraint = '' } = error as DatabaseError;
  if (code === '23505') {
    const unique = uniqueConstraints[constraint];
    return unique && alreadyTaken(unique[0], unique[1]);
  }
  if (code === '23503') return foreignKeyProblem(constraint, error as { detail?: string });
  return undefined;
}

function foreignKeyProblem(constraint: string, error: { detail?: string }): Problem | undefined {
  if (error.detail?.includes('is still referenced')) {
    return new Problem('conflict', {
      message: 'Another object began to use this one at the same time.',
      hint: 'Read what uses it, remove that first, and try again.',
    });
  }
  const parent = parentConstraints[constraint];
  if (parent) return notFound(parent, /=\((.*)\) is not present/.exec(error.detail ?? '')?.[1] ?? '');
  const reference = referenceConstraints[constraint];
  if (!reference) return undefined;
  const [field, noun] = reference;
  return invalid([{ in: 'body', field, code: 'unknown_reference', message: `There is no such ${noun}.` }]);
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String((error as { code: unknown }).code) : undefined;
}
