import { findServiceType, lockServiceType, type ServiceTypeRow, touchServiceType } from '../../store/serviceTypes';
import { serviceTypeCommands } from '../../store/typeCommands';
import type { CommandOwner } from '../typeCommands/owner';

/** Commands of service types run in containers and are free text. */
export const serviceTypeOwner: CommandOwner<ServiceTypeRow> = {
  noun: 'service type',
  resourceType: 'service_type',
  path: '/api/settings/service-types',
  commands: serviceTypeCommands,
  find: findServiceType,
  lock: lockServiceType,
  touch: touchServiceType,
  commandIssues: () => [],
};
