import type { ApiAnswer, ApiCall } from '../../src/integrations/oci/dialects/apiCall';
import { type FailureParts, type FailureReason, RegistryFailure } from '../../src/integrations/oci/failure';

/** The agreed behaviour of the transport, without its patience: network faults and throttling are thrown, the rest is returned. */
export const plainApiCall: ApiCall = async ({
  method = 'GET',
  url,
  bearer,
  json,
  signal,
  requestId,
  access,
}): Promise<ApiAnswer> => {
  const failed = (reason: FailureReason, more: Partial<FailureParts> = {}) =>
    new RegistryFailure(access?.name ?? '', new URL(url).host, {
      reason,
      message: `The request failed: ${reason}.`,
      hint: 'Try again later.',
      ...more,
    });
  const headers = {
    ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
  };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  let response: Response;
  try {
    response = await fetch(url, { method, headers, redirect: 'manual', ...body, ...(signal ? { signal } : {}) });
  } catch {
    throw signal?.aborted ? failed('timeout', { cutOff: true }) : failed('connection_refused');
  }
  const text = await response.text();
  const { status } = response;
  const retryAfter = Number(response.headers.get('retry-after'));
  if (status === 429 || (status === 503 && retryAfter > 0)) {
    throw failed('rate_limited', { status, retryAt: new Date(Date.now() + retryAfter * 1000) });
  }
  const parsed = parse(text);
  if (parsed === unreadable && status < 400) throw failed('bad_response', { status });
  return { status, headers: Object.fromEntries(response.headers), body: parsed === unreadable ? text : parsed };
};

const unreadable = Symbol('unreadable');

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}
