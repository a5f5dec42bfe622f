import { describeCreateType } from '../types/createType';
import { databaseKind } from '../types/kinds';

describeCreateType(databaseKind);
