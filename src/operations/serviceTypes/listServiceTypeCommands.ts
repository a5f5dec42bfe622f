import type { Handler } from '../handler';
import { listCommands } from '../typeCommands/listCommands';
import { serviceTypeOwner } from './commandOwner';

export const listServiceTypeCommands: Handler<'listServiceTypeCommands'> = listCommands(serviceTypeOwner);
