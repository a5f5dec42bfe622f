import type { Contract, PlacedOperation } from '../contract';
import { operationsOf, resolve } from '../contract';
import type { Product } from './step';

/**
 * Which variable stands for the id in a path or a body. What makes a thing gives its variable the name: `createRegistry`
 * makes `registryId`. A collection that nothing is posted to gives the id of the first thing that is in it.
 */
export interface Nouns {
  /** The variable of a path parameter; undefined for a parameter that is no id. */
  ofPath(placed: PlacedOperation, parameter: string): string | undefined;
  /** The variable of a member that holds an id. */
  ofMember(member: string): string | undefined;
  /** What an operation makes, by its operationId. */
  products: Map<string, Product[]>;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
export const isExampleId = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);

const shape = (path: string): string => path.replace(/\{\w+\}/g, '{}');
const isV3 = (path: string): boolean => path.startsWith('/v3');
const lastWord = (path: string): string => path.split('/').at(-1) as string;

export function nounsOf(contract: Contract): Nouns {
  const operations = operationsOf(contract);
  const products = new Map<string, Product[]>();
  const variables = new Map<string, string>();
  const makers = operations.filter(({ method, operation }) => method === 'post' && '201' in operation.responses);
  const lists = operations.filter(({ method, path }) => method === 'get' && !path.endsWith('}'));

  const make = (maker: PlacedOperation): string => {
    const { operationId } = maker.operation;
    const noun = operationId.replace(/^[a-z]+/, '');
    const made = variableName(maker.path, operationId.startsWith('list') ? singular(noun) : noun);
    if (!products.has(operationId)) products.set(operationId, [{ variable: made, from: { body: idPlace(contract, maker) } }]);
    return made;
  };
  const makerOf = (collection: string): PlacedOperation | undefined => {
    const exact = makers.find(({ path }) => shape(path) === shape(collection));
    const alike = makers.filter(({ path }) => lastWord(path) === lastWord(collection) && isV3(path) === isV3(collection));
    return exact ?? (alike.length === 1 ? alike[0] : undefined) ?? lists.find(({ path }) => shape(path) === shape(collection));
  };

  for (const maker of makers) make(maker);
  const places = operations.flatMap((placed) =>
    placed.parameters.filter((one) => one.in === 'path').map((parameter) => ({ placed, parameter })),
  );
  const byNoun = new Map<string, string>();
  for (const { placed, parameter } of places) {
    const collection = placed.path.slice(0, placed.path.indexOf(`/{${parameter.name}}`));
    const isId =
      parameter.example === undefined ? isV3(placed.path) && parameter.name === 'guid' : isExampleId(parameter.example);
    const maker = isId ? makerOf(collection) : undefined;
    if (!maker) continue;
    const made = make(maker);
    variables.set(`${collection} ${parameter.name}`, made);
    const noun = parameter['x-resource'];
    if (noun && !byNoun.has(noun)) byNoun.set(noun, made);
  }
  const all = [...new Set(variables.values())];
  return {
    products,
    ofPath: (placed, parameter) => {
      const collection = placed.path.slice(0, placed.path.indexOf(`/{${parameter}}`));
      const noun = placed.parameters.find((one) => one.in === 'path' && one.name === parameter)?.['x-resource'];
      return variables.get(`${collection} ${parameter}`) ?? (noun === undefined ? undefined : byNoun.get(noun));
    },
    ofMember: (member) => {
      const name = member.replace(/s$/, '').toLowerCase();
      const within = (one: string) => one.endsWith(name) || name.endsWith(one);
      return all.find((one) => one.toLowerCase() === name) ?? all.find((one) => within(one.toLowerCase()));
    },
  };
}

const variableName = (path: string, noun: string): string =>
  noun.charAt(0).toLowerCase() + noun.slice(1) + (isV3(path) ? 'Guid' : 'Id');

const singular = (noun: string): string => noun.replace(/ses$/, 's').replace(/([^s])s$/, '$1');

/** Where the example of an answer has the id of what it is about. */
function idPlace(contract: Contract, { operation }: PlacedOperation): (string | number)[] {
  const response = operation.responses['201'] ?? operation.responses['200'];
  const example = response && (resolve(contract, response).content?.['application/json']?.example as Record<string, any>);
  for (const [member, value] of Object.entries(example ?? {})) {
    if (member === 'guid' || member === 'id') return [member];
    const [object, at] = Array.isArray(value) ? [value[0], [member, 0]] : [value, [member]];
    for (const key of ['id', 'guid']) if (isExampleId(object?.[key])) return [...at, key];
  }
  throw new Error(`The example of ${operation.operationId} shows no id.`);
}
