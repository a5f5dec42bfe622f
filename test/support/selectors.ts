import fc from 'fast-check';
import type { Requirement } from '../../src/domain/cloudFoundry/labelSelector';
import { writtenKey } from '../../src/domain/cloudFoundry/metadataKey';

/** Labels by their keys as written. */
export type Labels = Readonly<Record<string, string>>;

/** Whether labels have what all requirements ask for. */
export const matchesSelector = (labels: Labels, requirements: readonly Requirement[]): boolean =>
  requirements.every((requirement) => {
    const value = Object.hasOwn(labels, writtenKey(requirement.key)) ? labels[writtenKey(requirement.key)] : undefined;
    if (!('values' in requirement)) return (value !== undefined) === (requirement.operator === 'exists');
    const isNamed = value !== undefined && requirement.values.includes(value);
    return requirement.operator === 'in' ? isNamed : !isNamed;
  });

/** A selector of one requirement, with what it says of a resource that has the value, or has none (undefined). */
export interface WrittenRequirement {
  text: string;
  key: string;
  holds(value: string | undefined): boolean;
}

const keys = ['a', 'b', 'in', 'p.q/a', 'p.q/b', 'r.s/a'];
const values = ['x', 'y', 'Y', 'z.1'];

/** Few keys and values, so that matches are as frequent as misses. */
export const someLabels: fc.Arbitrary<Labels> = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('', ...values));

const key = fc.constantFrom(...keys, 'none');
const value = fc.constantFrom('', ...values, 'none');
/** Every operator, as a client writes it; `holds` is told from the grammar's text, not from what is parsed. */
export const someRequirement: fc.Arbitrary<WrittenRequirement> = fc.oneof(
  key.map((k) => ({ text: k, key: k, holds: (has?: string) => has !== undefined })),
  key.map((k) => ({ text: `!${k}`, key: k, holds: (has?: string) => has === undefined })),
  fc.tuple(key, fc.constantFrom('=', '=='), value).map(([k, operator, v]) => ({
    text: `${k}${operator}${v}`,
    key: k,
    holds: (has?: string) => v !== '' && has === v,
  })),
  fc.tuple(key, value).map(([k, v]) => ({ text: `${k}!=${v}`, key: k, holds: (has?: string) => v === '' || has !== v })),
  fc.tuple(key, fc.array(value, { maxLength: 3 })).map(([k, all]) => ({
    text: `${k} in (${all.join(',')})`,
    key: k,
    holds: (has?: string) => has !== undefined && has !== '' && all.includes(has),
  })),
  fc.tuple(key, fc.array(value, { maxLength: 3 })).map(([k, all]) => ({
    text: `${k} notin (${all.join(',')})`,
    key: k,
    holds: (has?: string) => has === undefined || has === '' || !all.includes(has),
  })),
);
