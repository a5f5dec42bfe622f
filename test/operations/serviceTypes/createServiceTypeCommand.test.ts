import { describeCreateCommand } from '../types/createCommand';
import { serviceKind } from '../types/kinds';

describeCreateCommand(serviceKind);
