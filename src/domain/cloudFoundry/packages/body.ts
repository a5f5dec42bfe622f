import { isObject } from '../../isObject';
import { imageProblems } from '../droplets/image';

/** What is wrong with the body of a new package, beside its form. */
export function packageProblems(sent: Readonly<Record<string, unknown>>): string[] {
  const missing = ['type', 'data'].filter((member) => sent[member] === undefined);
  const { image } = isObject(sent.data) ? sent.data : {};
  return [
    ...missing.map((member) => `'${member}' must be there`),
    ...imageProblems({ image }).map((problem) => problem.replace("'image'", "'data.image'")),
  ];
}

/** What is wrong with the body of a copy, beside its form: all but the app is that of its source. */
export const packageCopyProblems = (sent: Readonly<Record<string, unknown>>): string[] =>
  ['type', 'data', 'metadata']
    .filter((member) => sent[member] !== undefined)
    .map((member) => `'${member}' cannot be given: a copy has that of its source`);

/** Absent keeps, null and '' clear, a value sets. */
export const patchedCredential = <T>(present: T | null, given: T | '' | null | undefined): T | null =>
  given === undefined ? present : given === '' ? null : (given as T | null);
