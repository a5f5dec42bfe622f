import { describeDeleteCommand } from '../types/deleteCommand';
import { serviceKind } from '../types/kinds';

describeDeleteCommand(serviceKind);
