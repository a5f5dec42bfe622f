import { serviceKind } from '../types/kinds';
import { describeResetType } from '../types/resetType';

describeResetType(serviceKind);
