import type { OperationId } from '../../generated/operations';
import { Problem } from '../domain/errors';
import { isId } from '../domain/ids';
import type { RevealContext } from '../operations/handler';
import { type AuditSource, recordAudit, recordRefusedReveal } from '../store/audit';
import type { Database } from '../store/database';
import type { Exchange } from './exchange';
import type { OperationFacts } from './operationFacts';

/** Who and where, for an audit row of this request. */
export const sourceOf = (
  { requestId, principal }: Exchange,
  operationId: OperationId,
): AuditSource & { operationId: OperationId } => ({
  operationId,
  requestId,
  principal,
});

/** Writes the rows of reads that show a secret, each committed before anything is shown. */
export const auditOfReveals =
  (exchange: Exchange, operationId: OperationId, { transact }: Database): RevealContext['audit'] =>
  (entry) =>
    transact((tx) => recordAudit(tx, sourceOf(exchange, operationId), entry));

/**
 * Serves a request for a secret. Whoever refuses it with 403, edge or handler, just throws: the refusal is written here, in
 * a transaction of its own, and stays although the answer is an error.
 */
export async function onRecord(
  exchange: Exchange,
  operationId: OperationId,
  { reveals }: OperationFacts,
  { transact }: Database,
  { id = '' }: Record<string, string>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isRefusal = error instanceof Problem && (error.kind === 'forbidden_role' || error.kind === 'forbidden_scope');
    if (isRefusal && reveals && isId(id)) {
      const details = { ...(error.details as object) };
      const refused = { resourceType: reveals, resourceId: id, error: error.message, details };
      await transact((tx) => recordRefusedReveal(tx, sourceOf(exchange, operationId), refused));
    }
    throw error;
  }
}
