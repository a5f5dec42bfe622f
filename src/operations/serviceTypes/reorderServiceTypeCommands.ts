import type { Handler } from '../handler';
import { reorderCommands } from '../typeCommands/reorderCommands';
import { serviceTypeOwner } from './commandOwner';
import { toServiceType } from './view';

export const reorderServiceTypeCommands: Handler<'reorderServiceTypeCommands'> = reorderCommands(serviceTypeOwner, toServiceType);
