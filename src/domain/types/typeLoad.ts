import { canonicalJson } from '../canonicalJson';

/** What a load did with the files of one kind, by name of the type. */
export interface TypeLoadResult {
  created: string[];
  updated: string[];
  skippedCustomized: string[];
  errors: FileFault[];
}

/** Why a file was skipped. */
export interface FileFault {
  file: string;
  error: string;
}

export interface TypeLoadStatus {
  serviceTypes: TypeLoadResult;
  databaseTypes: TypeLoadResult;
  timestamp: string;
}

/** A file that can be loaded. */
export interface TypeFile<Definition> {
  /** What it says, as it says it. */
  body: object;
  definition: Definition;
  /** The type of its name is stored, and was loaded from a file that said the same. */
  isKnown: boolean;
}

/** The files of one kind: at most one for a name. */
export interface TypeFiles<Definition> {
  files: TypeFile<Definition>[];
  errors: FileFault[];
}

/** A type that is stored, of either kind. */
export interface StoredType {
  id: string;
  name: string;
  source: 'shipped' | 'user';
  isCustomized: boolean;
  /** What its file said at the last load, as it said it; null for types of users. */
  shippedDefinition: unknown;
}

export interface TypeLoadPlan<Definition> {
  create: TypeFile<Definition>[];
  update: { id: string; file: TypeFile<Definition> }[];
  /** Customised types whose file says something new: they stay as they are, and a reset gives the newest form. */
  keep: { id: string; file: TypeFile<Definition> }[];
  result: TypeLoadResult;
}

/**
 * What a load has to do so that uncustomised types are what their files say. A type that a user made is never touched,
 * even when a file comes with its name; a type without a file stays.
 */
export function planTypeLoad<Definition extends { name: string }>(
  { files, errors }: TypeFiles<Definition>,
  stored: readonly StoredType[],
): TypeLoadPlan<Definition> {
  const plan: TypeLoadPlan<Definition> = {
    create: [],
    update: [],
    keep: [],
    result: { created: [], updated: [], skippedCustomized: [], errors },
  };
  for (const file of files) {
    const { name } = file.definition;
    const type = stored.find((one) => one.name === name);
    if (!type) {
      plan.create.push(file);
      plan.result.created.push(name);
    } else if (type.source === 'user' || type.isCustomized) {
      if (type.source === 'shipped' && !file.isKnown) plan.keep.push({ id: type.id, file });
      plan.result.skippedCustomized.push(name);
    } else if (!file.isKnown) {
      plan.update.push({ id: type.id, file });
      plan.result.updated.push(name);
    }
  }
  return plan;
}

/** Whether a load has nothing to write; `status` is what the loads before it left. */
export function isNothingToLoad(
  plans: Record<'serviceTypes' | 'databaseTypes', TypeLoadPlan<unknown>>,
  status: TypeLoadStatus | null,
) {
  // A load that changed nothing does not take away what the last change was: replicas that start together all show it.
  return (['serviceTypes', 'databaseTypes'] as const).every((kind) => {
    const { create, update, keep, result } = plans[kind];
    const found = ({ skippedCustomized, errors }: TypeLoadResult) => canonicalJson({ skippedCustomized, errors });
    const known = status?.[kind];
    return create.length + update.length + keep.length === 0 && known !== undefined && found(known) === found(result);
  });
}
