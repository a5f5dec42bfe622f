import { isObject, type JsonObject } from '../findings';
import { dataKeys, nameMaps } from '../walk';

/** What explains the contract and changes nothing about it. */
const words = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'x-hint', 'x-command', 'x-columns']);

/**
 * The contract without its words: what is left is what requests and answers can show. Version and marks of deprecation are
 * left, summaries of operations too, since a list of what is new tells them.
 */
export function essenceOf(root: JsonObject): JsonObject {
  const { openapi, info, paths, components, security } = root;
  const version = isObject(info) ? info.version : undefined;
  return strip({ openapi, info: { title: 'Portolan', version }, security, paths, components }, false) as JsonObject;
}

function strip(value: unknown, isNameMap: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item, false));
  if (!isObject(value)) return value;
  const isOperation = !isNameMap && typeof value.operationId === 'string';
  const kept = Object.entries(value).filter(
    ([key, member]) => member !== undefined && (isNameMap || !words.has(key) || (isOperation && key === 'summary')),
  );
  return Object.fromEntries(
    kept.map(([key, member]) => {
      const isData = !isNameMap && (dataKeys.has(key) || key.startsWith('x-'));
      return [key, isData ? member : strip(member, !isNameMap && nameMaps.has(key))];
    }),
  );
}
