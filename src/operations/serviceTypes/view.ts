import type { components } from '../../../generated/contract';
import type { ServiceTypeRow } from '../../store/serviceTypes';

type Type = components['schemas']['ServiceTypeOfService'];

/** What clients see of a service type. */
export function toServiceType(row: ServiceTypeRow): Type & { _count: { services: number } } {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    source: row.source as Type['source'],
    isCustomized: row.is_customized,
    commands: row.commands.map((command) => ({
      id: command.id,
      serviceTypeId: command.service_type_id,
      name: command.name,
      displayName: command.display_name,
      command: command.command,
      description: command.description,
      sortOrder: command.sort_order,
      createdAt: command.created_at,
      updatedAt: command.updated_at,
    })),
    _count: { services: row.service_count },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
