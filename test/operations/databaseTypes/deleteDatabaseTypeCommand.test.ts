import { describeDeleteCommand } from '../types/deleteCommand';
import { databaseKind } from '../types/kinds';

describeDeleteCommand(databaseKind);
