import { serviceKind } from '../types/kinds';
import { describeReorderCommands } from '../types/reorderCommands';

describeReorderCommands(serviceKind);
