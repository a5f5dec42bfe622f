import fc from 'fast-check';
import type { OperationId } from '../../../generated/operations';
import { factsOf } from '../contract';
import { hostileText } from '../hostile';
import type { Objects } from '../objects';

/** Queries of /v3: such as its lists take, and such as they do not. */

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
const key = fc.constantFrom('a', 'release', 'a.b/tier', 'in', 'x-1');
const value = fc.constantFrom('', 'stable', 'web', '1.2', 'none');
const requirement = fc.oneof(
  key,
  key.map((k) => `!${k}`),
  fc.tuple(key, fc.constantFrom('=', '==', '!='), value).map((parts) => parts.join('')),
  fc
    .tuple(key, fc.constantFrom('in', 'notin'), fc.array(value, { maxLength: 3 }))
    .map(([k, operator, all]) => `${k} ${operator} (${all.join(',')})`),
);
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const times = (name: string) =>
  fc.oneof(
    fc.array(time, { minLength: 1, maxLength: 3 }).map((all) => `${name}=${all.join(',')}`),
    fc.tuple(fc.constantFrom('lt', 'lte', 'gt', 'gte'), time).map(([operator, at]) => `${name}[${operator}]=${encode(at)}`),
  );

/** Values by parameter; all others are lists of texts. */
function parameter(id: OperationId, name: string, objects: Objects): fc.Arbitrary<string> {
  const as = (values: fc.Arbitrary<string>) => values.map((text) => `${name}=${encode(text)}`);
  switch (name) {
    case 'page':
      return as(fc.integer({ min: 1, max: 1_000_000 }).map(String));
    case 'per_page':
      return as(fc.integer({ min: 1, max: 5000 }).map(String));
    case 'order_by':
      return as(
        fc
          .tuple(fc.constantFrom('', '+', '-'), fc.constantFrom('created_at', 'updated_at', ...(factsOf(id).sortable ?? [])))
          .map((parts) => parts.join('')),
      );
    case 'label_selector':
      return as(fc.array(requirement, { minLength: 1, maxLength: 4 }).map((all) => all.join(',')));
    case 'created_ats':
    case 'updated_ats':
      return times(name);
    case 'current':
      return fc.constant('current=true');
    case 'include':
      return as(fc.constantFrom('space', 'organization', 'space,space.organization'));
    case 'embed':
      return fc.constant('embed=process_instances');
    default:
      return as(
        fc
          .array(fc.oneof(fc.constantFrom(...Object.values(objects)), fc.constantFrom('STAGED', 'docker', 'web', 'x')), {
            minLength: 1,
            maxLength: 3,
          })
          .map((all) => all.join(',')),
      );
  }
}

/** A raw query that an operation takes. */
export function goodV3Query(id: OperationId, objects: Objects): fc.Arbitrary<string> {
  const names = Object.keys(factsOf(id).query);
  if (names.length === 0) return fc.constant('');
  return fc
    .subarray(names)
    .chain((chosen) => fc.tuple(...chosen.map((name) => parameter(id, name, objects))))
    .map((parts) => parts.join('&'));
}

const brokenParts = [
  '%zz',
  '=',
  '&&',
  'page',
  'page=0',
  'page=1&page=2',
  'per_page=5001',
  'per_page=%00',
  'order_by=-',
  'label_selector=',
  'label_selector=%00',
  'label_selector=a%20in%20(((',
  'label_selector=%ff',
  'created_ats=2026-02-30T00:00:00Z',
  'created_ats[gt]=',
  'created_ats[__proto__]=x',
  'updated_ats[[gt]]=x',
  '__proto__=x',
  'constructor=x',
  'guids=%2500',
  'guids=,',
  'guids=%252C%25zz',
  'fields[space]=x',
  'include=x',
  'embed=x',
  'current=false',
  'source_guid=',
  'source_guid=%00',
];

/** A raw query that an operation does not take, or only just. */
export function badV3Query(id: OperationId, objects: Objects): fc.Arbitrary<string> {
  const names = [...Object.keys(factsOf(id).query), 'zzUnheardOf', 'created_ats[gt]'];
  const hostile = fc.tuple(fc.constantFrom(...names), hostileText).map(([name, text]) => `${name}=${encode(text)}`);
  const extra = fc.oneof(hostile, fc.constantFrom(...brokenParts));
  return fc.tuple(goodV3Query(id, objects), extra).map(([query, part]) => [query, part].filter(Boolean).join('&'));
}
