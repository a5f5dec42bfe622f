import type { OperationId } from '../../generated/operations';
import { operationIds, operationOf, resolve, type Schema } from './contract';

/** A member of a request that holds a secret: the contract marks it `writeOnly`. */
export interface SecretMember {
  operationId: OperationId;
  /** Names on the way to it; `[]` is the first entry of an array. */
  path: string[];
}

interface Visited {
  path: string[];
  /** The schema as it is written, then as it is referred to. */
  layers: Schema[];
}

const isText = ({ layers }: Visited): boolean =>
  layers.some(({ type, format }) => [type].flat().includes('string') && format !== 'uuid');
const isMarked = ({ layers }: Visited): boolean => layers.some(({ writeOnly }) => writeOnly === true);

/** Every member of the body of an operation, whatever it is sent as. */
function membersOf(operationId: OperationId): Visited[] {
  const found: Visited[] = [];
  const visit = (schema: Schema, path: string[], marked: boolean) => {
    if (path.length > 8) return;
    const target = resolve(schema);
    const layers = [schema, target, ...(marked ? [{ writeOnly: true }] : [])];
    if (path.length > 0) found.push({ path, layers });
    const isSecret = isMarked({ path, layers });
    for (const part of ['oneOf', 'anyOf', 'allOf']) {
      for (const choice of (target[part] as Schema[] | undefined) ?? []) visit(choice, path, isSecret);
    }
    for (const [name, member] of Object.entries(target.properties ?? {})) visit(member, [...path, name], isSecret);
    if (target.items) visit(target.items, [...path, '[]'], isSecret);
  };
  for (const { schema } of Object.values(operationOf(operationId).requestBody?.content ?? {})) visit(schema, [], false);
  return found;
}

/** Every text that the contract marks as a secret. Ids that are write-only are none: they are answered in another form. */
export const secretMembers = (): SecretMember[] =>
  operationIds.flatMap((operationId) => {
    const paths = membersOf(operationId).filter((one) => isMarked(one) && isText(one));
    const distinct = new Map(paths.map(({ path }) => [path.join('.'), path]));
    return [...distinct.values()].map((path) => ({ operationId, path }));
  });

const soundsSecret = /password|passphrase|secret|private|credential|token/i;

/** Texts that sound like a secret and are not marked as one. */
export const unmarkedSecrets = (): string[] =>
  operationIds.flatMap((operationId) =>
    membersOf(operationId)
      .filter((one) => soundsSecret.test(one.path.at(-1) ?? '') && isText(one) && !isMarked(one))
      .map(({ path }) => `${operationId}: ${path.join('.')}`),
  );

/** The same body with a value at a place; objects and arrays on the way are made where they are missing. */
export function withMember(body: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (name === '[]') {
    const [first, ...others] = Array.isArray(body) ? body : [];
    return [withMember(first, rest, value), ...others];
  }
  const object = body && typeof body === 'object' ? (body as Record<string, unknown>) : {};
  return { ...object, [name]: withMember(object[name], rest, value) };
}
