import { type OperationId, operations } from '../../../generated/operations';
import { Problem } from '../../domain/errors';
import type { PageRequest } from '../../domain/lists/cursor';
import { didYouMean } from '../issues';
import { etagOf, type Rendered } from '../respond';
import { exampleNames, exampleOf, type Response, responsesOf } from './contractExamples';
import { placeOf } from './location';
import { madeList, madeNames } from './madeLists';
import type { Preferences } from './prefer';

/** What an answer is made for. */
export interface Asked {
  id: OperationId;
  preferences: Preferences;
  /** Of a list of /api: the page that was asked for. */
  page: PageRequest | undefined;
  requestId: string;
  /** The path of the request. */
  path: string;
  /** Where clients reach the mock. */
  publicUrl: string;
}

/** The address that links in examples begin with. */
const exampleUrl = 'http://127.0.0.1:3000';
/** Headers that the edge sets where they belong, whatever the contract's example is. */
const setElsewhere = /^(x-request-id|x-vcap-request-id|(x-)?ratelimit-.*|allow|etag|location|retry-after)$/i;
/** Headers that tell of what is rare; an answer is without them. */
const rare = /^(x-cf-warnings|deprecation|sunset|link)$/i;
/** What stands for a file: every byte that there is. */
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** The answer of the contract. Throws 400 for a status or an example that the operation does not have. */
export function answerOf(asked: Asked): Rendered {
  const { id, preferences, page, requestId, publicUrl } = asked;
  const { status, response } = chosen(asked);
  const plain = exampleOf(id, status, preferences.example);
  const example = withRequestId(madeList(plain, preferences.example, page), requestId);
  const [type] = Object.keys(response.content ?? {});
  const text = typeof example === 'string' ? example : JSON.stringify(example);
  return {
    status: Number(status),
    contentType: type === undefined ? null : contentTypeOf(type),
    body: type === undefined ? '' : (text?.replaceAll(exampleUrl, publicUrl) ?? everyByte),
    etag: response.headers?.ETag ? etagFor(id) : null,
    location: locationOf(asked, status, response, example),
    headers: headersOf(response, status, example, preferences),
  };
}

/** Refuses what the operation cannot answer; what nobody asked for is its success. */
function chosen({ id, preferences: { code, example }, page }: Asked): { status: string; response: Response } {
  const responses = responsesOf(id);
  const success = String(operations[id].success);
  // Some operations of /v3 refuse whatever they are asked.
  const status = code ?? (success in responses ? success : '422');
  const response = Object.hasOwn(responses, status) ? responses[status] : undefined;
  if (!response) {
    throw unknownPreference(`This operation never answers ${status}.`, `It answers ${Object.keys(responses).join(', ')}.`);
  }
  const names = [...exampleNames(response), ...madeNames(exampleOf(id, status, undefined), page)];
  if (example !== undefined && !names.includes(example)) {
    const hint = names.length === 0 ? 'It has one example only.' : didYouMean(example, names);
    throw unknownPreference(`This answer has no example "${example}".`, hint);
  }
  return { status, response };
}

/** A misspelt preference that counted for nothing would let a test pass that asked for something else. */
function unknownPreference(message: string, hint: string): Problem {
  const details = [{ in: 'header', field: 'Prefer', code: 'enum', message, hint }];
  return new Problem('validation', { message, field: 'Prefer', hint, details });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** An error names the request that it answers. */
const withRequestId = (example: unknown, requestId: string): unknown =>
  isObject(example) && 'code' in example && 'requestId' in example ? { ...example, requestId } : example;

function contentTypeOf(type: string): string {
  if (type === '*/*') return 'application/octet-stream';
  return type === 'application/json' || type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/** The same for every answer of an operation, so that it may be sent back as If-Match and If-None-Match. */
const etagFor = (id: OperationId): string => etagOf(1, JSON.stringify(exampleOf(id, '200', undefined) ?? id));

function locationOf(asked: Asked, status: string, response: Response, example: unknown): string | null {
  const declared = response.headers?.Location;
  if (!declared) return null;
  const place = placeOf(asked.id, status, example, asked.path) ?? String(declared.example ?? '/');
  return place.replace(exampleUrl, asked.publicUrl);
}

function headersOf(response: Response, status: string, example: unknown, preferences: Preferences): Record<string, string> {
  const declared = Object.entries(response.headers ?? {}).filter(([name]) => !setElsewhere.test(name) && !rare.test(name));
  const headers = Object.fromEntries(declared.map(([name, header]) => [name, String(header.example ?? '')]));
  const isError = Number(status) >= 400;
  if (response.headers?.['Retry-After'] && (isError || isUnfinished(example))) headers['Retry-After'] = '1';
  if (isError) headers['Cache-Control'] = 'no-store';
  const applied = Object.entries(preferences).map(([name, value]) => `${name}=${/^[\w.-]+$/.test(value) ? value : `"${value}"`}`);
  return applied.length === 0 ? headers : { ...headers, 'Preference-Applied': applied.join(', ') };
}

const isUnfinished = (example: unknown): boolean =>
  isObject(example) && isObject(example.operation) && ['queued', 'running'].includes(String(example.operation.state));
