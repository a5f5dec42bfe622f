import { type Surface, surfaceOf } from '../../src/http/operationFacts';
import { isObject, type JsonObject, type Path, pointerOf } from './findings';
import { pathOf } from './source';

/** A part of the document after its `$ref`s, the place where it is written, and the component it is, if it is one. */
export interface Located {
  node: JsonObject;
  at: Path;
  component?: string;
}
export interface Parameter extends Located {
  name: string;
  in: string;
}
export interface Media {
  type: string;
  node: JsonObject;
  at: Path;
}
export interface Answer extends Located {
  status: string;
  /** Where the operation names the status; `at` is where the response is written. */
  usedAt: Path;
  media: Media[];
}
export interface Operation {
  /** The operationId; where there is none, method and path. */
  label: string;
  method: string;
  path: string;
  surface: Surface;
  at: Path;
  node: JsonObject;
  isPublic: boolean;
  parameters: Parameter[];
  body: (Located & { media: Media[] }) | undefined;
  answers: Answer[];
}
/** The contract as the rules read it. It is built from any document, also a broken one. */
export interface Contract {
  root: JsonObject;
  operations: Operation[];
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];

export function buildContract(root: JsonObject): Contract {
  const operations: Operation[] = [];
  for (const [path, item] of entries(root.paths)) {
    for (const method of methods) {
      if (isObject(item[method])) operations.push(buildOperation(root, path, method, item, item[method]));
    }
  }
  return { root, operations };
}

function buildOperation(root: JsonObject, path: string, method: string, item: JsonObject, node: JsonObject): Operation {
  const at = ['paths', path, method];
  const permission = node['x-permission'];
  const own = parametersOf(root, node.parameters, [...at, 'parameters']);
  const shared = parametersOf(root, item.parameters, ['paths', path, 'parameters']);
  const overridden = (one: Parameter) => own.some((other) => other.name === one.name && other.in === one.in);
  const body = follow(root, node.requestBody, [...at, 'requestBody']);
  return {
    label: typeof node.operationId === 'string' ? node.operationId : `${method.toUpperCase()} ${path}`,
    method,
    path,
    surface: surfaceOf(path),
    at,
    node,
    isPublic: isObject(permission) && permission.role === 'public',
    parameters: [...shared.filter((one) => !overridden(one)), ...own],
    body: body && { ...body, media: mediaOf(body) },
    answers: entries(node.responses).flatMap(([status, response]) => {
      const usedAt = [...at, 'responses', status];
      const found = follow(root, response, usedAt);
      return found ? [{ ...found, status, usedAt, media: mediaOf(found) }] : [];
    }),
  };
}

function parametersOf(root: JsonObject, list: unknown, at: Path): Parameter[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value, index) => {
    const found = follow(root, value, [...at, String(index)]);
    return found ? [{ ...found, name: String(found.node.name), in: String(found.node.in) }] : [];
  });
}

/** The media types of a response or request body. */
export function mediaOf({ node, at }: Located): Media[] {
  return entries(node.content).map(([type, media]) => ({ type, node: media, at: [...at, 'content', type] }));
}

/** The members of an object that are objects themselves. */
export function entries(value: unknown): [string, JsonObject][] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}

/** What a path names in the document. */
export function valueAt(root: JsonObject, at: Path): unknown {
  return at.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, root);
}

/** Follows `$ref`s inside the document; undefined where they lead nowhere, in a circle or out of the file. */
export function follow(root: JsonObject, value: unknown, at: Path): Located | undefined {
  let found: { value: unknown; at: Path } = { value, at };
  const seen = new Set<string>();
  while (isObject(found.value) && typeof found.value.$ref === 'string') {
    const { $ref } = found.value;
    if (!$ref.startsWith('#') || seen.has($ref)) return undefined;
    seen.add($ref);
    const next = pathOf($ref);
    found = { value: valueAt(root, next), at: next };
  }
  if (!isObject(found.value)) return undefined;
  const component = found.at[0] === 'components' && found.at.length === 3 ? found.at[2] : undefined;
  return { node: found.value, at: found.at, ...(component === undefined ? {} : { component }) };
}

/** The name of the component of a section that a value refers to directly. */
export function referredComponent(value: unknown, section: string): string | undefined {
  if (!isObject(value) || typeof value.$ref !== 'string') return undefined;
  const [components, name, component, ...rest] = pathOf(value.$ref);
  return components === 'components' && name === section && rest.length === 0 ? component : undefined;
}

export const isJson = (mediaType: string): boolean => /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/.test(mediaType);

export const isError = (status: string): boolean => /^[45]/.test(status) || status === 'default';

export const isSuccess = (status: string): boolean => status.startsWith('2');

export const takes = (operation: Operation, where: string, name: string): boolean =>
  operation.parameters.some((one) => one.in === where && one.name.toLowerCase() === name.toLowerCase());

/** Whether the operation's parameter is the shared component of that name. */
export const takesShared = (operation: Operation, component: string): boolean =>
  operation.parameters.some(({ at }) => pointerOf(at) === `#/components/parameters/${component}`);

export const hasHeader = (node: JsonObject, name: string): boolean =>
  isObject(node.headers) && Object.keys(node.headers).some((key) => key.toLowerCase() === name.toLowerCase());
