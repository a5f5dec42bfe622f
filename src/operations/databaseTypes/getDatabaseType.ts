import { notFound } from '../../domain/errors';
import { findDatabaseType } from '../../store/databaseTypes';
import { type Handler, single } from '../handler';
import { toDatabaseType } from './view';

export const getDatabaseType: Handler<'getDatabaseType'> = async ({ path }, { db }) => {
  const row = await findDatabaseType(db, path.id);
  if (!row) throw notFound('database type', path.id);
  return single('databaseType', toDatabaseType(row), row.version);
};
