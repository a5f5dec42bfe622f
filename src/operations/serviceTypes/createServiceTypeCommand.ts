import type { Handler } from '../handler';
import { createCommand } from '../typeCommands/createCommand';
import { serviceTypeOwner } from './commandOwner';

export const createServiceTypeCommand: Handler<'createServiceTypeCommand'> = createCommand(serviceTypeOwner);
