import { describeListCommands } from '../types/listCommands';
import { serviceKind } from '../types/kinds';

describeListCommands(serviceKind);
