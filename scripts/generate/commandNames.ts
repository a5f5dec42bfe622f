import { surfaceOf } from '../../src/http/operationFacts';
import type { PlacedOperation } from './contract';

/**
 * The name of each operation on the command line: a group and a verb, made from path and operationId, which never change
 * once they are released. An operation whose name would read badly says it in the contract: `x-command: config-files upload`.
 *
 * The group is the resource nearest to the end of the path: what has a `get…` of its own and, below another resource, can be
 * changed too. Without one it is the operation's tag. The verb is the operationId without the words of the group.
 */
export interface CommandName {
  group: string;
  verb: string;
}

/** Other names of groups that people would try. */
export const groupAliases: Record<string, string[]> = {
  environments: ['envs'],
  'container-images': ['images'],
  'api-tokens': ['tokens'],
  'audit-logs': ['audit'],
  'cf-droplets': ['droplets'],
  'cf-packages': ['packages'],
  'cf-builds': ['builds'],
};

interface Resource {
  /** Path of the collection, parameters without their names. */
  base: string;
  /** Its words, in the singular. */
  words: string[];
  group: string;
}

/** Every operation's name; throws when two are the same. */
export function commandNames(operations: PlacedOperation[]): Map<string, CommandName> {
  const resources = resourcesOf(operations);
  const names = new Map<string, CommandName>();
  const taken = new Map<string, string>();
  for (const placed of operations) {
    const { operationId } = placed.operation;
    const name = given(placed) ?? derived(placed, resources);
    const text = `${name.group} ${name.verb}`;
    const other = taken.get(text);
    if (other) throw new Error(`openapi.yaml: ${other} and ${operationId} are both \`portolan ${text}\`; give one an x-command.`);
    taken.set(text, operationId);
    names.set(operationId, name);
  }
  return names;
}

function given({ operation }: PlacedOperation): CommandName | undefined {
  const text = operation['x-command'];
  if (text === undefined) return undefined;
  if (!/^[a-z][a-z0-9-]* [a-z][a-z0-9-]*$/.test(text)) {
    throw new Error(`openapi.yaml: the x-command of ${operation.operationId} must be a group and a verb, such as "images list".`);
  }
  const [group = '', verb = ''] = text.split(' ');
  return { group, verb };
}

function resourcesOf(operations: PlacedOperation[]): Resource[] {
  const found: Resource[] = [];
  for (const { operation, method, path } of operations) {
    const item = /^(.*\/[^{}/]+)\/\{\w+\}$/.exec(path);
    if (!item || method !== 'get' || !operation.operationId.startsWith('get')) continue;
    const base = placeOf(item[1] as string);
    const changeable = operations.some((other) => other.method !== 'get' && placeOf(other.path) === placeOf(path));
    const nested = base.includes('{}');
    if (nested && !(changeable && surfaceOf(path) === 'api')) continue;
    const words = wordsOf(operation.operationId).slice(1);
    const list = operations.find(
      (other) =>
        other.operation.operationId.startsWith('list') &&
        placeOf(other.path) === base &&
        same(wordsOf(other.operation.operationId).slice(1), words),
    );
    if (!list && !changeable && surfaceOf(path) === 'api') continue;
    const plural = list ? wordsOf(list.operation.operationId).slice(1) : pluralOf(words);
    found.push({ base, words: words.map(singular), group: prefixOf(path) + plural.join('-') });
  }
  for (const { operation, path } of operations) {
    const base = placeOf(path);
    const alone = operation.operationId.startsWith('list') && !/\{\}/.test(base) && base.split('/').length === 3;
    if (!alone || found.some((resource) => resource.base === base)) continue;
    const words = wordsOf(operation.operationId).slice(1);
    found.push({ base, words: words.map(singular), group: prefixOf(path) + words.join('-') });
  }
  return found.sort((a, b) => b.base.length - a.base.length);
}

function derived({ operation, path }: PlacedOperation, resources: Resource[]): CommandName {
  const place = placeOf(path);
  const resource = resources.find(({ base }) => place === base || place.startsWith(`${base}/`));
  const tag = operation.tags[0];
  const surface = surfaceOf(path);
  const fallback = surface === 'v3' ? 'cf' : surface === 'uaa' ? 'uaa' : tag === 'health' ? 'system' : tag;
  const byTag = resources.find(({ group }) => group === fallback);
  const group = resource?.group ?? fallback;
  const words = resource?.words ?? byTag?.words ?? fallback.split('-').map(singular);
  const verb = withoutNoun(wordsOf(operation.operationId), words);
  return { group, verb: verb.join('-') };
}

const prefixOf = (path: string): string => (surfaceOf(path) === 'v3' ? 'cf-' : '');

/** A path without the names of its parameters, and without the environment that its collection is of. */
const placeOf = (path: string): string => path.replace(/^\/api\/environments\/\{envId\}\//, '/api/').replace(/\{\w+\}/g, '{}');

/** `listDeploymentsV3` as list, deployments; the version of the surface is told by the group. */
export function wordsOf(operationId: string): string[] {
  return operationId
    .replace(/V3$/, '')
    .replace('OpenApi', 'Openapi')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(' ');
}

export function singular(word: string): string {
  if (/ies$/.test(word)) return word.replace(/ies$/, 'y');
  if (/(ss|us|is)$/.test(word)) return word;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.replace(/es$/, '');
  return word.replace(/s$/, '');
}

function pluralOf(words: string[]): string[] {
  const last = words[words.length - 1] as string;
  const plural = /[^aeiou]y$/.test(last) ? last.replace(/y$/, 'ies') : /s$/.test(last) ? last : `${last}s`;
  return [...words.slice(0, -1), plural];
}

const same = (a: string[], b: string[]): boolean => a.map(singular).join() === b.map(singular).join();

/** The verb of an operationId: `check container image updates` of container images is `check updates`. */
function withoutNoun(words: string[], noun: string[]): string[] {
  const [verb = '', ...rest] = words;
  const ends = noun.flatMap((_, at) => [noun.slice(at), noun.slice(0, noun.length - at)]);
  for (const part of ends.sort((a, b) => b.length - a.length)) {
    for (let at = 0; at + part.length <= rest.length; at++) {
      if (!same(rest.slice(at, at + part.length), part)) continue;
      const before = rest.slice(0, at);
      while (['to', 'for', 'of'].includes(before[before.length - 1] ?? '')) before.pop();
      return [verb, ...before, ...rest.slice(at + part.length)];
    }
  }
  return words;
}
