import { readable } from '../../domain/access/resourceScopes';
import { isFinal, retryAfterSeconds } from '../../domain/operations/operation';
import { findOperation } from '../../store/operations';
import { type Handler, single } from '../handler';
import { toOperation } from './view';

export const getOperation: Handler<'getOperation'> = async ({ path }, { db, principal, now }) => {
  const row = readable(principal, await findOperation(db, path.id), 'operation', path.id);
  const operation = toOperation(row);
  const answer = single('operation', operation, row.version);
  if (isFinal(operation.state)) return answer;
  const ageMs = now().getTime() - Date.parse(row.created_at);
  return { ...answer, headers: { 'Retry-After': String(retryAfterSeconds(ageMs)) } };
};
