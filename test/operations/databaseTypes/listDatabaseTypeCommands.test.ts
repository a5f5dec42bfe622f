import { describeListCommands } from '../types/listCommands';
import { databaseKind } from '../types/kinds';

describeListCommands(databaseKind);
