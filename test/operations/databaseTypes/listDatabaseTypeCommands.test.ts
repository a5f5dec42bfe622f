import { databaseKind } from '../types/kinds';
import { describeListCommands } from '../types/listCommands';

describeListCommands(databaseKind);
