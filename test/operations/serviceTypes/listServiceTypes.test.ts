import { serviceKind } from '../types/kinds';
import { describeListTypes } from '../types/listTypes';

describeListTypes(serviceKind);
