import { describeUpdateCommand } from '../types/updateCommand';
import { databaseKind } from '../types/kinds';

describeUpdateCommand(databaseKind);
