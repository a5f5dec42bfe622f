import { describeGetCommand } from '../types/getCommand';
import { databaseKind } from '../types/kinds';

describeGetCommand(databaseKind);
