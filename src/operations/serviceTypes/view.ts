import type { components } from '../../../generated/contract';
import type { ServiceTypeRow } from '../../store/serviceTypes';
import type { TypeCommandRow } from '../../store/typeCommands';

type ServiceType = components['schemas']['ServiceType'];
type TypeCommand = components['schemas']['TypeCommand'];

/** What clients see of a command, of either kind of type. */
export function toCommand(row: TypeCommandRow): TypeCommand {
  return {
    id: row.id,
    serviceTypeId: row.service_type_id,
    databaseTypeId: row.database_type_id,
    name: row.name,
    displayName: row.display_name,
    command: row.command,
    description: row.description,
    sortOrder: row.sort_order,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What clients see of a service type. */
export function toServiceType(row: ServiceTypeRow): ServiceType {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    source: row.source as ServiceType['source'],
    isCustomized: row.is_customized,
    commands: row.commands.map(toCommand),
    _count: { services: row.service_count },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
