import { databaseKind } from '../types/kinds';
import { describeReorderCommands } from '../types/reorderCommands';

describeReorderCommands(databaseKind);
