import type { Handler } from '../handler';
import { deleteCommand } from '../typeCommands/deleteCommand';
import { serviceTypeOwner } from './commandOwner';

export const deleteServiceTypeCommand: Handler<'deleteServiceTypeCommand'> = deleteCommand(serviceTypeOwner);
