import { describeListTypes } from '../types/listTypes';
import { databaseKind } from '../types/kinds';

describeListTypes(databaseKind);
