import { describeGetType } from '../types/getType';
import { databaseKind } from '../types/kinds';

describeGetType(databaseKind);
