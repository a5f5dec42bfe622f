import { describeGetType } from '../types/getType';
import { serviceKind } from '../types/kinds';

describeGetType(serviceKind);
