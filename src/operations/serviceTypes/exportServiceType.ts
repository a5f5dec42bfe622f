import { notFound } from '../../domain/errors';
import { findServiceType } from '../../store/serviceTypes';
import type { Handler } from '../handler';
import { typeFile } from '../typeCommands/typeFile';
import { definitionOf } from './definition';

export const exportServiceType: Handler<'exportServiceType'> = async ({ path }, { db }) => {
  const row = await findServiceType(db, path.id);
  if (!row) throw notFound('service type', path.id);
  return typeFile(definitionOf(row), row.version);
};
