import { notFound } from '../../domain/errors';
import { single } from '../handler';
import { toCommand } from '../serviceTypes/view';
import type { CommandOwner, SharedHandler, TypeRow } from './owner';

export const getCommand =
  <Row extends TypeRow>(owner: CommandOwner<Row>): SharedHandler<'getServiceTypeCommand'> =>
  async ({ path }, { db }) => {
    const command = await owner.commands.find(db, path.id, path.commandId);
    if (command) return single('command', toCommand(command), command.version);
    const type = await owner.find(db, path.id);
    throw type ? notFound('command', path.commandId) : notFound(owner.noun, path.id);
  };
