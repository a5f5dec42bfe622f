import { describeResetType } from '../types/resetType';
import { databaseKind } from '../types/kinds';

describeResetType(databaseKind);
