import { describeGetCommand } from '../types/getCommand';
import { serviceKind } from '../types/kinds';

describeGetCommand(serviceKind);
