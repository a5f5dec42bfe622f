import { describeCreateType } from '../types/createType';
import { serviceKind } from '../types/kinds';

describeCreateType(serviceKind);
