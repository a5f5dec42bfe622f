import { notFound } from '../../domain/errors';
import { findDatabaseType } from '../../store/databaseTypes';
import type { Handler } from '../handler';
import { typeFile } from '../typeCommands/typeFile';
import { definitionOf } from './definition';

export const exportDatabaseType: Handler<'exportDatabaseType'> = async ({ path }, { db }) => {
  const row = await findDatabaseType(db, path.id);
  if (!row) throw notFound('database type', path.id);
  return typeFile(definitionOf(row), row.version);
};
