import { describeReorderCommands } from '../types/reorderCommands';
import { databaseKind } from '../types/kinds';

describeReorderCommands(databaseKind);
