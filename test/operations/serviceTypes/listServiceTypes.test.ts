import { describeListTypes } from '../types/listTypes';
import { serviceKind } from '../types/kinds';

describeListTypes(serviceKind);
