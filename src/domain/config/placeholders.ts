import type { Issue } from '../errors';
import type { Value } from './values';

/**
 * `${KEY}` stands for a value, `$${KEY}` for the text `${KEY}`. Every search ends at the next dollar sign, so the time is
 * linear in the text whatever stands in it. What is longer than any key of a value is text.
 */
const placeholder = /\$(\$?)\{([A-Z_][A-Z0-9_]{0,254})\}/g;

/** No rendered text becomes longer than this, whatever its placeholders and loops stand for. */
export const longestRenderedChars = 32 * 1024 * 1024;

/** The keys that `substitute` looks up, in order of first use. */
export function keysIn(text: string): string[] {
  const keys = new Set<string>();
  for (const [, doubled, key] of text.matchAll(placeholder)) if (doubled === '') keys.add(key as string);
  return [...keys];
}

/** Where each key is used is kept, and looked up whenever the text is shown. */
const mostKeys = 10_000;

/** What is wrong with the number of keys that a member names. */
export function keyIssues(field: string, keys: readonly string[]): Issue[] {
  if (keys.length <= mostKeys) return [];
  const message = `Names ${keys.length} different keys as \${KEY}; ${mostKeys} are the most.`;
  const hint = 'Spread it over several texts, or write $${KEY} for what is meant as it stands.';
  return [{ in: 'body', field, code: 'maxItems', message, hint }];
}

/** A text that says of itself what `text` says as it stands: nothing in it is looked up. */
export const withoutPlaceholders = (text: string): string => text.replace(placeholder, (found) => `$${found}`);

export interface Substitution {
  text: string;
  /** Keys that nothing is known for, in order of first use; their placeholders stay. */
  missing: string[];
  usedSecrets: boolean;
  /** The values made the text longer than `longestRenderedChars`; the rest of them was left out. */
  tooLong: boolean;
}

/** One pass: inserted values are never scanned again. */
export function substitute(text: string, lookup: (key: string) => Value | undefined): Substitution {
  const missing = new Set<string>();
  let usedSecrets = false;
  let room = longestRenderedChars - text.length;
  const substituted = text.replace(placeholder, (found, doubled: string, key: string) => {
    if (doubled !== '') return found.slice(1);
    const value = lookup(key);
    if (value === undefined) {
      missing.add(key);
      return found;
    }
    usedSecrets ||= value.secret;
    room -= value.value.length;
    return room < 0 ? '' : value.value;
  });
  return { text: substituted, missing: [...missing], usedSecrets, tooLong: room < 0 };
}

/** What to do about a key without a value. */
export const missingHint = (key: string): string => `Write $$\{${key}} if it is meant as it stands.`;
