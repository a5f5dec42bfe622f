import { notFound } from '../domain/errors';
import type { Db } from './database';
import { statement } from './statement';

const exists = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('environments').select('id').where('id', '=', id),
);

/** 404 when there is no such environment. */
export async function requireEnvironment(db: Db, id: string): Promise<void> {
  if (!(await exists.first(db, { id }))) throw notFound('environment', id);
}
