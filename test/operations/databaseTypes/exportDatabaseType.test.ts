import { describeExportType } from '../types/exportType';
import { databaseKind } from '../types/kinds';

describeExportType(databaseKind);
