import { describeReorderCommands } from '../types/reorderCommands';
import { serviceKind } from '../types/kinds';

describeReorderCommands(serviceKind);
