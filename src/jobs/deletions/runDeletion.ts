import { type DeletionKind, deletionError, deletionFacts } from '../../domain/cloudFoundry/deletion';
import { V3Problem } from '../../domain/cloudFoundry/problem';
import { operationEvent } from '../../domain/events/told';
import { isFinal, type OperationState } from '../../domain/operations/operation';
import { type AuditSource, recordAudit } from '../../store/audit';
import type { Database, Tx } from '../../store/database';
import { isUnavailable } from '../../store/databaseErrors';
import { recordEvents } from '../../store/events';
import { endOperation } from '../../store/operationRuns';
import { lockOperation, type OperationRow } from '../../store/operations';
import { deleteApp } from './deleteApp';
import { deleteDroplet } from './deleteDroplet';
import { deletePackage } from './deletePackage';
import type { Deleter } from './deleter';

const deleters: Record<DeletionKind, Deleter> = {
  'droplet.delete': deleteDroplet,
  'package.delete': deletePackage,
  'app.delete': deleteApp,
};

export interface DeletionParts {
  database: Database;
  /** After a commit that recorded events. */
  announce(): void;
}

/** `gone`: the resource went another way, which is what was wanted. `ended`: there was nothing left to do. */
export interface DeletionReport {
  operationId: string;
  end: 'deleted' | 'gone' | 'ended' | 'failed';
}

/**
 * Deletes what an operation names, and ends the operation; both or none. A state that forbids it by now fails the
 * operation. A defect fails it too, and is thrown on for the log; a database that is away is left to the queue.
 */
export async function runDeletion({ database, announce }: DeletionParts, operationId: string): Promise<DeletionReport> {
  try {
    const end = await database.transact((tx) => work(tx, operationId));
    if (end !== 'ended') announce();
    return { operationId, end };
  } catch (error) {
    if (isUnavailable(error)) throw error;
    await database.transact((tx) => fail(tx, operationId, error));
    announce();
    if (!(error instanceof V3Problem)) throw error;
    return { operationId, end: 'failed' };
  }
}

async function work(tx: Tx, operationId: string): Promise<'deleted' | 'gone' | 'ended'> {
  const operation = await lockActive(tx, operationId);
  if (!operation) return 'ended';
  const kind = operation.kind as DeletionKind;
  const isDeleted = await deleters[kind](tx, { operationId, resourceId: operation.resource_id as string });
  const ended = await endOperation(tx, operationId, { state: 'succeeded', error: null });
  await recordEvents(tx, [operationEvent(ended)]);
  if (isDeleted) await audit(tx, operation, kind);
  return isDeleted ? 'deleted' : 'gone';
}

async function fail(tx: Tx, operationId: string, error: unknown): Promise<void> {
  const operation = await lockActive(tx, operationId);
  if (!operation) return;
  const { requestId } = parametersOf(operation);
  const ended = await endOperation(tx, operationId, { state: 'failed', error: deletionError(error, requestId) });
  await recordEvents(tx, [operationEvent(ended)]);
}

/** The locked operation; undefined when it has ended, or went with its environment. */
async function lockActive(tx: Tx, operationId: string): Promise<OperationRow | undefined> {
  const operation = await lockOperation(tx, operationId);
  return operation && !isFinal(operation.state as OperationState) ? operation : undefined;
}

interface DeletionParameters {
  resourceName: string | null;
  requestId: string;
  actor: AuditSource['principal'];
}

const parametersOf = (operation: OperationRow) => operation.parameters as unknown as DeletionParameters;

/** The row goes now, at the wish of whoever asked for it. */
async function audit(tx: Tx, operation: OperationRow, kind: DeletionKind): Promise<void> {
  const { resourceName, requestId, actor } = parametersOf(operation);
  const { operationId, cfType } = deletionFacts[kind];
  await recordAudit(
    tx,
    { operationId, requestId, principal: actor },
    {
      action: 'delete',
      resourceType: operation.resource_type as string,
      resourceId: operation.resource_id,
      resourceName,
      environmentId: operation.environment_id,
      details: { cfType, operationId: operation.id },
    },
  );
}
