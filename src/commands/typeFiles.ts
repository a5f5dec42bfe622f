import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { operations } from '../../generated/operations';
import validators from '../../generated/validators';
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
import type { FileFault, TypeFiles } from '../domain/types/typeLoad';
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

/**
 * Reads the shipped files and those of `typesDir`, which hold `service/*.json` and `database/*.json`. A file of
 * `typesDir` goes before a shipped one that defines the same name. What cannot be read is told and left out.
 */
export async function readTypeFiles(typesDir: string | null, shipped = shippedFolder) {
  const [serviceTypes, databaseTypes] = await Promise.all([
    readKind(serviceKind, shipped, typesDir),
    readKind(databaseKind, shipped, typesDir),
  ]);
  return { serviceTypes, databaseTypes };
}

async function readKind<Input, Definition extends { name: string }>(
  kind: Kind<Input, Definition>,
  shipped: string,
  typesDir: string | null,
): Promise<TypeFiles<Definition>> {
  const [own, given] = await Promise.all([
    readFolder(kind, join(shipped, kind.folder), kind.folder),
    typesDir === null ? { definitions: [], errors: [] } : readGivenFolder(kind, typesDir),
  ]);
  const replaced = new Set(given.definitions.map(({ name }) => name));
  return {
    definitions: [...own.definitions.filter(({ name }) => !replaced.has(name)), ...given.definitions],
    errors: [...own.errors, ...given.errors],
  };
}

async function readGivenFolder<Input, Definition extends { name: string }>(
  kind: Kind<Input, Definition>,
  typesDir: string,
): Promise<TypeFiles<Definition>> {
  try {
    const entries = await readdir(typesDir);
    if (!entries.includes(kind.folder)) return { definitions: [], errors: [] };
  } catch (error) {
    return { definitions: [], errors: [{ file: typesDir, error: (error as Error).message }] };
  }
  return readFolder(kind, join(typesDir, kind.folder), join(typesDir, kind.folder));
}

/** `label` is how the folder is called in faults. */
async function readFolder<Input, Definition extends { name: string }>(
  kind: Kind<Input, Definition>,
  folder: string,
  label: string,
): Promise<TypeFiles<Definition>> {
  const definitions = new Map<string, Definition>();
  const errors: FileFault[] = [];
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name)).catch((error: Error) => error)));
    names.forEach((name, index) => {
      const found = parseFile(kind, texts[index] as Buffer | Error);
      const file = join(label, name);
      if ('error' in found) errors.push({ file, error: found.error });
      else if (definitions.has(found.name)) errors.push({ file, error: `Another file defines ${found.name}.` });
      else definitions.set(found.name, found);
    });
  } catch (error) {
    errors.push({ file: label, error: (error as Error).message });
  }
  return { definitions: [...definitions.values()], errors };
}

function parseFile<Input, Definition>(kind: Kind<Input, Definition>, text: Buffer | Error): Definition | { error: string } {
  if (text instanceof Error) return { error: text.message };
  let value: unknown;
  try {
    value = withoutSchema(parseBody(text));
  } catch (error) {
    if (error instanceof Problem) return { error: error.message };
    throw error;
  }
  const validate = validators[`body_${kind.operation}`];
  if (!validate?.(value)) return faultOf(issuesOf(validate?.errors ?? [], value, 'body', operations[kind.operation]));
  const definition = kind.define(value as Input);
  const issues = kind.check(definition, value as Input);
  return issues.length > 0 ? faultOf(issues) : definition;
}

/** `$schema` is for editors. */
function withoutSchema(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const { $schema, ...body } = value as Record<string, unknown>;
  return body;
}

const faultOf = (issues: readonly Issue[]) => ({
  error: issues.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join(' '),
});
