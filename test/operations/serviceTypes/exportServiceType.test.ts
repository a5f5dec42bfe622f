import { describeExportType } from '../types/exportType';
import { serviceKind } from '../types/kinds';

describeExportType(serviceKind);
