import { patchedText } from '../registries/registry';
import type { ConnectionField } from './databaseType';

/**
 * A type as its file or a create body gives it, with every member filled in: what is stored, exported, reset to, and
 * compared at the next load.
 */
export interface ServiceTypeDefinition {
  name: string;
  displayName: string;
  commands: CommandDefinition[];
}

export interface CommandDefinition {
  name: string;
  displayName: string;
  command: string;
  description: string | null;
  sortOrder: number;
}

export interface DatabaseTypeDefinition extends DatabaseTypeSettings {
  name: string;
  commands: CommandDefinition[];
}

/** What a user sets on a database type, its commands apart. */
export interface DatabaseTypeSettings {
  displayName: string;
  connectionFields: FieldDefinition[];
  backupCommand: string | null;
  restoreCommand: string | null;
  defaultPort: number | null;
  monitoring: MonitoringDefinition | null;
}

export interface FieldDefinition extends ConnectionField {
  required: boolean;
  default: string | number | null;
}

export interface MonitoringDefinition {
  connectionMode: 'sql' | 'ssh' | 'redis';
  driver: 'pg' | 'mysql2' | null;
  queries: MonitoringQueryDefinition[];
}

export interface MonitoringQueryDefinition {
  name: string;
  displayName: string;
  query: string;
  resultType: 'scalar' | 'row' | 'rows';
  unit: string | null;
  resultMapping: Record<string, string> | null;
}

/** The same with the members that may be left out; bodies and files have this form. */
export interface CommandInput {
  name: string;
  displayName: string;
  command: string;
  description?: string | null | undefined;
  sortOrder?: number | undefined;
}

export interface ServiceTypeInput {
  name: string;
  displayName: string;
  commands?: readonly CommandInput[] | undefined;
}

type Optional<T> = { [Member in keyof T]?: T[Member] | undefined };

export interface MonitoringInput {
  connectionMode: MonitoringDefinition['connectionMode'];
  driver?: MonitoringDefinition['driver'] | undefined;
  queries: readonly (Omit<MonitoringQueryDefinition, 'unit' | 'resultMapping'> &
    Optional<Pick<MonitoringQueryDefinition, 'unit' | 'resultMapping'>>)[];
}

/** Absent keeps, null clears, a value sets; `""` clears the texts that may be null. */
export interface DatabaseTypePatch {
  displayName?: string | undefined;
  connectionFields?: readonly ConnectionField[] | undefined;
  backupCommand?: string | null | undefined;
  restoreCommand?: string | null | undefined;
  defaultPort?: number | null | undefined;
  monitoring?: MonitoringInput | null | undefined;
}

export interface DatabaseTypeInput extends DatabaseTypePatch {
  name: string;
  displayName: string;
  connectionFields: readonly ConnectionField[];
  commands?: readonly CommandInput[] | undefined;
}

/** The most commands that a type holds; so an export never has more than a create body takes. */
export const commandLimit = 200;
const sortOrderLimit = 1_000_000;

/** The place behind all others. */
export function nextSortOrder(commands: readonly { sortOrder: number }[]): number {
  const last = commands.reduce((highest, { sortOrder }) => Math.max(highest, sortOrder), -1);
  return Math.min(last + 1, sortOrderLimit);
}

/** A command with its place: the given one, or behind `others`. */
export const commandDefinition = (input: CommandInput, others: readonly { sortOrder: number }[]): CommandDefinition => ({
  name: input.name,
  displayName: input.displayName,
  command: input.command,
  description: input.description || null,
  sortOrder: input.sortOrder ?? nextSortOrder(others),
});

function commandDefinitions(inputs: readonly CommandInput[] = []): CommandDefinition[] {
  const commands: CommandDefinition[] = [];
  for (const input of inputs) commands.push(commandDefinition(input, commands));
  return commands.sort((a, b) => a.sortOrder - b.sortOrder);
}

/** A service type of a body or a file. */
export const serviceTypeDefinition = (input: ServiceTypeInput): ServiceTypeDefinition => ({
  name: input.name,
  displayName: input.displayName,
  commands: commandDefinitions(input.commands),
});

const noSettings: Omit<DatabaseTypeSettings, 'displayName'> = {
  connectionFields: [],
  backupCommand: null,
  restoreCommand: null,
  defaultPort: null,
  monitoring: null,
};

/** Settings with every member filled in. */
export const databaseTypeSettings = (input: DatabaseTypePatch & { displayName: string }): DatabaseTypeSettings =>
  applyDatabaseTypePatch({ ...noSettings, displayName: input.displayName }, input);

/** A database type of a body or a file. */
export const databaseTypeDefinition = (input: DatabaseTypeInput): DatabaseTypeDefinition => ({
  name: input.name,
  ...databaseTypeSettings(input),
  commands: commandDefinitions(input.commands),
});

/** The settings after a patch. */
export function applyDatabaseTypePatch(present: DatabaseTypeSettings, patch: DatabaseTypePatch): DatabaseTypeSettings {
  return {
    displayName: patch.displayName ?? present.displayName,
    connectionFields: patch.connectionFields?.map(fieldDefinition) ?? present.connectionFields,
    backupCommand: patchedText(present.backupCommand, patch.backupCommand),
    restoreCommand: patchedText(present.restoreCommand, patch.restoreCommand),
    defaultPort: patch.defaultPort === undefined ? present.defaultPort : patch.defaultPort,
    monitoring: patch.monitoring === undefined ? present.monitoring : monitoringDefinition(patch.monitoring),
  };
}

const fieldDefinition = (field: ConnectionField): FieldDefinition => ({
  name: field.name,
  label: field.label,
  type: field.type,
  required: field.required ?? false,
  default: field.default ?? null,
});

function monitoringDefinition(input: MonitoringInput | null): MonitoringDefinition | null {
  return (
    input && {
      connectionMode: input.connectionMode,
      driver: input.driver ?? null,
      queries: input.queries.map(({ name, displayName, query, resultType, unit, resultMapping }) => ({
        name,
        displayName,
        query,
        resultType,
        unit: unit || null,
        resultMapping: resultMapping ?? null,
      })),
    }
  );
}
