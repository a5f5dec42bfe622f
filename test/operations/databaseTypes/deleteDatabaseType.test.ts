import { describeDeleteType } from '../types/deleteType';
import { databaseKind } from '../types/kinds';

describeDeleteType(databaseKind);
