import { visible } from '../../domain/access/principal';
import { Problem, stateForbids } from '../../domain/errors';
import { findService } from '../../store/services';
import { type Handler, json } from '../handler';
import { toService } from './view';

export const resolveServiceCommand: Handler<'resolveServiceCommand'> = async (request, { tx, principal }) => {
  const { id } = request.path;
  const service = visible(principal, await findService(tx, id), 'service', id);
  const { commandName } = request.body();
  const commands = service.type?.commands ?? [];
  const found = commands.find((command) => command.name === commandName);
  if (service.type && !found)
    throw unknownCommand(
      commandName,
      commands.map((command) => command.name),
    );
  request.precondition(service.version, () => toService(service, service.connections));
  if (!found) {
    const hint = 'Give it one with updateService and serviceTypeId.';
    throw stateForbids('This service has no type, and so no commands.', { state: 'no_type' }, hint);
  }
  return json({ command: found.command });
};

function unknownCommand(name: string, available: string[]): Problem {
  return new Problem('validation', {
    message: `The type of this service has no command "${name}".`,
    field: 'commandName',
    hint: available.length > 0 ? `Known: ${available.join(', ')}.` : 'The type has no commands at all.',
    details: { available },
  });
}
