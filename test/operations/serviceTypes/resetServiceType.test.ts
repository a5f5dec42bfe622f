import { describeResetType } from '../types/resetType';
import { serviceKind } from '../types/kinds';

describeResetType(serviceKind);
