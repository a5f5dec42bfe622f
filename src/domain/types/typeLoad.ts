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

/** What the files of one kind say: at most one definition of a name. */
export interface TypeFiles<Definition> {
  definitions: Definition[];
  errors: FileFault[];
}

/** A type that is stored, of either kind. */
export interface StoredType {
  id: string;
  name: string;
  source: 'shipped' | 'user';
  isCustomized: boolean;
  /** What its file said at the last load; null for types of users. */
  shippedDefinition: unknown;
}

export interface TypeLoadPlan<Definition> {
  create: Definition[];
  update: { id: string; definition: Definition }[];
  /** Customised types whose file says something new: they stay as they are, and a reset gives the newest form. */
  keep: { id: string; definition: Definition }[];
  result: TypeLoadResult;
}

/**
 * What a load has to do so that uncustomised types are what their files say. A type that a user made is never touched,
 * even when a file comes with its name; a type without a file stays.
 */
export function planTypeLoad<Definition extends { name: string }>(
  { definitions, errors }: TypeFiles<Definition>,
  stored: readonly StoredType[],
): TypeLoadPlan<Definition> {
  const create: Definition[] = [];
  const update: { id: string; name: string; definition: Definition }[] = [];
  const keep: { id: string; definition: Definition }[] = [];
  const skippedCustomized: string[] = [];
  for (const definition of definitions) {
    const type = stored.find(({ name }) => name === definition.name);
    if (!type) {
      create.push(definition);
      continue;
    }
    const { id, name, source, isCustomized } = type;
    const isNew = canonicalJson(type.shippedDefinition) !== canonicalJson(definition);
    if (source === 'user' || isCustomized) {
      skippedCustomized.push(name);
      if (source === 'shipped' && isNew) keep.push({ id, definition });
    } else if (isNew) update.push({ id, name, definition });
  }
  const created = create.map(({ name }) => name);
  return { create, update, keep, result: { created, updated: update.map(({ name }) => name), skippedCustomized, errors } };
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
