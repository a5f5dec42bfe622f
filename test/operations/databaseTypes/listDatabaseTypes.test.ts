import { databaseKind } from '../types/kinds';
import { describeListTypes } from '../types/listTypes';

describeListTypes(databaseKind);
