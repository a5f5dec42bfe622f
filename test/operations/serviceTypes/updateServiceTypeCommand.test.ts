import { describeUpdateCommand } from '../types/updateCommand';
import { serviceKind } from '../types/kinds';

describeUpdateCommand(serviceKind);
