import type { components } from '../../../generated/contract';
import type { EnvironmentRow } from '../../store/environments';

type Environment = components['schemas']['Environment'];

/** What clients see of an environment. Kinds of objects that Portolan does not know yet count as none. */
export function toEnvironment(row: EnvironmentRow): Environment {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name ?? row.name,
    sshConfigured: row.has_ssh_key,
    protected: row.protected,
    _count: {
      servers: row.server_count,
      services: row.service_count,
      secrets: row.secret_count,
      vars: row.var_count,
      databases: 0,
      registries: row.registry_count,
      containerImages: row.container_image_count,
    },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
