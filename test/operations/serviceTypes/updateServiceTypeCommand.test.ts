import { serviceKind } from '../types/kinds';
import { describeUpdateCommand } from '../types/updateCommand';

describeUpdateCommand(serviceKind);
