import { describeCreateCommand } from '../types/createCommand';
import { databaseKind } from '../types/kinds';

describeCreateCommand(databaseKind);
