import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '../../generated/operations';
import validators from '../../generated/validators';
import { canonicalJson } from '../domain/canonicalJson';
import { type Issue, Problem } from '../domain/errors';
import { checkDatabaseType } from '../domain/types/databaseType';
import {
  type DatabaseTypeDefinition,
  type DatabaseTypeInput,
  databaseTypeDefinition,
  type ServiceTypeDefinition,
  type ServiceTypeInput,
  serviceTypeDefinition,
} from '../domain/types/definition';
import { checkCommandNames } from '../domain/types/serviceType';
import type { FileFault, StoredType, TypeFile, TypeFiles } from '../domain/types/typeLoad';
import { issuesOf } from '../http/issues';
import { parseBody } from '../http/requestBody';

/** The files that come with this version; beside the compiled code. */
const shippedFolder = join(__dirname, '..', 'types');

/** How files of one kind are understood: as bodies of the operation that creates such a type. */
interface Kind<Input, Definition> {
  folder: 'service' | 'database';
  operation: 'createServiceType' | 'createDatabaseType';
  define(input: Input): Definition;
  check(definition: Definition, input: Input): Issue[];
}

const serviceKind: Kind<ServiceTypeInput, ServiceTypeDefinition> = {
  folder: 'service',
  operation: 'createServiceType',
  define: serviceTypeDefinition,
  check: (_, { commands = [] }) => checkCommandNames(commands),
};

const databaseKind: Kind<DatabaseTypeInput, DatabaseTypeDefinition> = {
  folder: 'database',
  operation: 'createDatabaseType',
  define: databaseTypeDefinition,
  check: (definition, { commands }) => checkDatabaseType({ ...definition, commands }),
};

export interface TypeFolders {
  /** TYPES_DIR; null = none. */
  typesDir: string | null;
  /** Where the shipped files are; a test has its own. */
  shipped?: string | undefined;
}

/**
 * Reads the shipped files and those of `typesDir`, which hold `service/*.json` and `database/*.json`. A file of
 * `typesDir` goes before a shipped one that defines the same name. What cannot be read is told and left out; what is
 * stored as it stands was checked when it was loaded, so that a usual start checks nothing.
 */
export function readTypeFiles(folders: TypeFolders, stored: Record<'serviceTypes' | 'databaseTypes', readonly StoredType[]>) {
  return {
    serviceTypes: new KindReader(serviceKind, stored.serviceTypes).read(folders),
    databaseTypes: new KindReader(databaseKind, stored.databaseTypes).read(folders),
  };
}

class KindReader<Input, Definition extends { name: string }> {
  /** What the last load found, by name, in canonical form. */
  private readonly known: Map<string, string>;

  constructor(
    private readonly kind: Kind<Input, Definition>,
    stored: readonly StoredType[],
  ) {
    this.known = new Map(stored.map(({ name, shippedDefinition }) => [name, canonicalJson(shippedDefinition)]));
  }

  read({ typesDir, shipped = shippedFolder }: TypeFolders): TypeFiles<Definition> {
    const { folder } = this.kind;
    const own = this.readFolder(join(shipped, folder), folder);
    const given = typesDir === null ? { files: [], errors: [] } : this.readGivenFolder(typesDir);
    const replaced = new Set(given.files.map(({ definition }) => definition.name));
    return {
      files: [...own.files.filter(({ definition }) => !replaced.has(definition.name)), ...given.files],
      errors: [...own.errors, ...given.errors],
    };
  }

  private readGivenFolder(typesDir: string): TypeFiles<Definition> {
    const { folder } = this.kind;
    const entries = orError(() => readdirSync(typesDir));
    if ('error' in entries) return { files: [], errors: [{ file: typesDir, error: entries.error }] };
    return entries.includes(folder) ? this.readFolder(join(typesDir, folder), join(typesDir, folder)) : { files: [], errors: [] };
  }

  /** `label` is how the folder is called in faults. Small files are read quickest one by one, and nothing else runs yet. */
  private readFolder(folder: string, label: string): TypeFiles<Definition> {
    const entries = orError(() => readdirSync(folder));
    if ('error' in entries) return { files: [], errors: [{ file: label, error: entries.error }] };
    const files = new Map<string, TypeFile<Definition>>();
    const errors: FileFault[] = [];
    for (const entry of entries.filter((name) => name.endsWith('.json')).sort()) {
      const text = orError(() => readFileSync(join(folder, entry)));
      const found = 'error' in text ? text : this.parse(text);
      const file = join(label, entry);
      if ('error' in found) errors.push({ file, error: found.error });
      else if (files.has(found.definition.name)) errors.push({ file, error: `Another file defines ${found.definition.name}.` });
      else files.set(found.definition.name, found);
    }
    return { files: [...files.values()], errors };
  }

  private parse(text: Buffer): TypeFile<Definition> | { error: string } {
    const { kind } = this;
    const body = bodyOf(text);
    if ('error' in body) return body;
    const { value } = body;
    const isKnown = this.known.get((value as { name?: string } | null)?.name ?? '') === canonicalJson(value);
    if (isKnown) return { body: value as object, definition: kind.define(value as Input), isKnown };
    const validate = validators[`body_${kind.operation}`];
    if (!validate?.(value)) return faultOf(issuesOf(validate?.errors ?? [], value, 'body', operations[kind.operation]));
    const definition = kind.define(value as Input);
    const issues = kind.check(definition, value as Input);
    return issues.length > 0 ? faultOf(issues) : { body: value as object, definition, isKnown };
  }
}

/** What cannot be read is no reason not to start. */
function orError<T extends object>(read: () => T): T | { error: string } {
  try {
    return read();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The value of a file without what is for editors only, or why it is none. */
function bodyOf(text: Buffer): { value: unknown } | { error: string } {
  try {
    return { value: withoutSchema(parseBody(text)) };
  } catch (error) {
    if (error instanceof Problem) return { error: error.message };
    throw error;
  }
}

function withoutSchema(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const { $schema, ...body } = value as Record<string, unknown>;
  return body;
}

const faultOf = (issues: readonly Issue[]) => ({
  error: issues.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join(' '),
});
