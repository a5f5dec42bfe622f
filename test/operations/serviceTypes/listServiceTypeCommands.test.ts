import { serviceKind } from '../types/kinds';
import { describeListCommands } from '../types/listCommands';

describeListCommands(serviceKind);
