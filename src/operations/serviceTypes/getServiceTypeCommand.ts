import type { Handler } from '../handler';
import { getCommand } from '../typeCommands/getCommand';
import { serviceTypeOwner } from './commandOwner';

export const getServiceTypeCommand: Handler<'getServiceTypeCommand'> = getCommand(serviceTypeOwner);
