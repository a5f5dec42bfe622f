import type { OperationId } from '../../../generated/operations';
import { type Issue, notFound, stateForbids } from '../../domain/errors';
import type { CommandDefinition } from '../../domain/types/definition';
import type { Db, Tx } from '../../store/database';
import type { TypeCommandRow, TypeCommandStore } from '../../store/typeCommands';
import type { Handler, OperationRequest } from '../handler';

type Plain<T> = { [Member in keyof T]: T[Member] };

/** A handler of one kind of type that also serves the other one: their requests and answers have the same members. */
export type SharedHandler<Id extends OperationId> = (
  request: Plain<OperationRequest<Id>>,
  context: Parameters<Handler<Id>>[1],
) => ReturnType<Handler<Id>>;

/** What service types and database types have in common as owners of commands. */
export interface TypeRow {
  id: string;
  name: string;
  version: number;
  commands: TypeCommandRow[];
}

/** One of the two kinds of types, as the operations on commands need it: the rules are the same, the owner differs. */
export interface CommandOwner<Row extends TypeRow> {
  noun: 'service type' | 'database type';
  resourceType: 'service_type' | 'database_type';
  /** Path of the list of types. */
  path: string;
  commands: TypeCommandStore;
  find(db: Db, id: string): Promise<Row | undefined>;
  lock(tx: Tx, id: string): Promise<Row | undefined>;
  /** Notes on the type that a user changed its commands. */
  touch(tx: Tx, id: string): Promise<Row>;
  /** What is wrong with the text of a command beyond its schema. */
  commandIssues(type: Row, command: string): Issue[];
}

/** The type, locked, or 404. */
export async function lockedType<Row extends TypeRow>(owner: CommandOwner<Row>, tx: Tx, id: string): Promise<Row> {
  const type = await owner.lock(tx, id);
  if (!type) throw notFound(owner.noun, id);
  return type;
}

/** The command of this type, or 404: also when it is one of another type. */
export function commandOf(type: TypeRow, commandId: string): TypeCommandRow {
  const command = type.commands.find(({ id }) => id === commandId);
  if (!command) throw notFound('command', commandId);
  return command;
}

/** 409 for a type that a user made. */
export function requireShipped({ source }: { source: string }): void {
  if (source === 'shipped') return;
  const hint = 'Only types that are loaded from files can be reset.';
  throw stateForbids('This type was made here; there is no file to reset it to.', { state: source }, hint);
}

/** A stored command as the domain sees it. */
export const commandDefinitionOf = (row: TypeCommandRow): CommandDefinition => ({
  name: row.name,
  displayName: row.display_name,
  command: row.command,
  description: row.description,
  sortOrder: row.sort_order,
});

/** Rows as a type lists them. */
export const inOrder = (rows: readonly TypeCommandRow[]): TypeCommandRow[] =>
  [...rows].sort((a, b) => a.sort_order - b.sort_order || (a.id < b.id ? -1 : 1));
