import { isObject } from '../../domain/isObject';

/** An object of the other installation, as it was answered. */
export type Answered = Record<string, unknown>;

/** A member that has another type than anybody could mean; the object is left out, and the report says why. */
export class Unreadable extends Error {}

const wrong = (name: string, value: unknown, wanted: string) =>
  new Unreadable(`its ${name} is ${JSON.stringify(value)?.slice(0, 60)}, which is no ${wanted}`);

export function textIn(from: Answered, name: string): string | undefined {
  const value = from[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw wrong(name, value, 'text');
}

/** Text that the object cannot be without. */
export function requiredText(from: Answered, name: string): string {
  const value = textIn(from, name);
  if (value === undefined) throw new Unreadable(`it has no ${name}`);
  return value;
}

/** Optional text: absent stays absent, null and `""` are null. */
export function nullableText(from: Answered, name: string): string | null | undefined {
  return Object.hasOwn(from, name) ? textIn(from, name) || null : undefined;
}

export function numberIn(from: Answered, name: string): number | undefined {
  const value = from[name];
  if (value === undefined || value === null || typeof value === 'number') return value ?? undefined;
  throw wrong(name, value, 'number');
}

export function truthIn(from: Answered, name: string): boolean | undefined {
  const value = from[name];
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
  throw wrong(name, value, 'boolean');
}

/** A value that comes as itself or as JSON text, as BridgePort writes maps and lists. */
function openedIn(from: Answered, name: string, wanted: string): unknown {
  const value = from[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value) ?? undefined;
  } catch {
    throw wrong(name, value, wanted);
  }
}

/** A map of texts; empty when it is null, absent when it is absent. */
export function mapIn(from: Answered, name: string): Record<string, string> | undefined {
  const value = openedIn(from, name, 'map');
  if (value === undefined) return Object.hasOwn(from, name) ? {} : undefined;
  if (!isObject(value)) throw wrong(name, value, 'map');
  for (const [key, entry] of Object.entries(value)) if (typeof entry !== 'string') throw wrong(`${name}.${key}`, entry, 'text');
  return value as Record<string, string>;
}

/** A list of texts. */
export function textsIn(from: Answered, name: string): string[] | undefined {
  const value = openedIn(from, name, 'list');
  if (value === undefined) return Object.hasOwn(from, name) ? [] : undefined;
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) throw wrong(name, value, 'list of texts');
  return value as string[];
}

/** Nested objects; undefined when the answer has no such member. */
export function objectsIn(from: Answered, name: string): Answered[] | undefined {
  const value = from[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw wrong(name, value, 'list of objects');
  return value;
}

export function objectIn(from: Answered, name: string): Answered | undefined {
  const value = from[name];
  return isObject(value) ? value : undefined;
}
