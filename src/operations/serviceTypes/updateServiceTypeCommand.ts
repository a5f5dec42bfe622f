import type { Handler } from '../handler';
import { updateCommand } from '../typeCommands/updateCommand';
import { serviceTypeOwner } from './commandOwner';

export const updateServiceTypeCommand: Handler<'updateServiceTypeCommand'> = updateCommand(serviceTypeOwner);
