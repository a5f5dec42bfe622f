import { uuidv7 } from 'uuidv7';
import { alreadyTaken, inDocumentOrder, invalid } from '../../domain/errors';
import { checkDatabaseType } from '../../domain/types/databaseType';
import { databaseTypeDefinition } from '../../domain/types/definition';
import { findDatabaseTypeByName, insertDatabaseType } from '../../store/databaseTypes';
import { databaseTypeCommands } from '../../store/typeCommands';
import { created, type Handler } from '../handler';
import { inOrder } from '../typeCommands/owner';
import { toDatabaseType } from './view';

export const createDatabaseType: Handler<'createDatabaseType'> = async (request, { tx, audit }) => {
  const body = request.body();
  const definition = databaseTypeDefinition(body);
  // Checked in the order of the body, which is what the issues are named after.
  const issues = checkDatabaseType({ ...definition, commands: body.commands });
  if (issues.length > 0) throw invalid(inDocumentOrder(issues, body));
  const taken = await findDatabaseTypeByName(tx, body.name);
  if (taken) {
    const message = `There already is a database type named "${body.name}".`;
    throw alreadyTaken('name', message, { type: 'database_type', id: taken.id });
  }

  const { name, commands, ...settings } = definition;
  const id = uuidv7();
  const row = await insertDatabaseType(tx, { id, name, source: 'user', shipped_definition: null }, settings);
  const added = await databaseTypeCommands.replace(
    tx,
    id,
    commands.map((command) => ({ ...command, id: uuidv7() })),
  );
  await audit({
    action: 'create',
    resourceType: 'database_type',
    resourceId: id,
    resourceName: name,
    details: { changed: Object.keys(body) },
  });
  const view = toDatabaseType({ ...row, commands: inOrder(added) });
  return created(`/api/settings/database-types/${id}`, 'databaseType', view, row.version);
};
