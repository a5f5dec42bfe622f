import { jsonOf } from '../wire/body';
import type { Caller } from '../wire/caller';
import type { WireAnswer, WireRequest } from '../wire/exchange';
import type { Send } from '../wire/pacing';
import type { ApiAnswer, ApiCall, ApiRequest } from './apiCall';

/** One page of a list, with what APIs tell of each entry. */
const mostBytes = 8 * 1024 * 1024;

/** Calls of APIs beside the protocol, over the same transport. */
export function createApiCall(send: Send): ApiCall {
  return async (request) => {
    const caller = callerOf(request);
    const answer = await send(wireRequest(request), caller);
    return { status: answer.status, headers: answer.headers, body: bodyOf(answer, caller) };
  };
}

function wireRequest({ method = 'GET', url, bearer, json }: ApiRequest): WireRequest {
  return {
    method,
    url: new URL(url),
    headers: {
      accept: 'application/json',
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    mostBytes,
  };
}

function callerOf({ url, access, bearer, signal, requestId, optional = false, onRequest }: ApiRequest): Caller {
  const { key, name } = access ?? { key: url, name: new URL(url).host };
  return { key, name, signal, requestId, optional, onRequest, secrets: bearer ? [bearer] : [] };
}

function bodyOf(answer: WireAnswer, caller: Caller): ApiAnswer['body'] {
  if (answer.body.length === 0) return undefined;
  if (answer.status < 400) return jsonOf(answer, caller, 'an answer of the API');
  const text = answer.body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
