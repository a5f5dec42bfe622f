import { describeDeleteType } from '../types/deleteType';
import { serviceKind } from '../types/kinds';

describeDeleteType(serviceKind);
