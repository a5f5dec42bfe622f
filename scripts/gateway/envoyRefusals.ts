import { surfacePatterns } from './model';
import { type RefusalName, refusal, surfaces } from './refusals';

/** What Envoy refuses itself, by the statuses that it has for it. Answers of Portolan are never among them. */
const statuses: [codes: number[], name: RefusalName][] = [
  [[400, 426], 'malformed'],
  [[404, 405], 'not_found'],
  [[413], 'too_large'],
  [[431], 'headers_too_large'],
  [[429], 'rate_limited'],
  [[500, 502, 503], 'away'],
  [[408, 504], 'timed_out'],
];

/** The answers of Envoy itself, in the manner of each surface; `api` stands last, for every other path. */
export function envoyRefusals(): object[] {
  return statuses.flatMap(([codes, name]) =>
    codes.flatMap((code) => [...surfaces].reverse().map((surface) => mapper(code, name, surface))),
  );
}

/** What is no request has no id; the log has its connection too. */
const requestId = (name: RefusalName) =>
  name === 'malformed' || name === 'headers_too_large' ? 'connection-%CONNECTION_ID%' : '%REQ(X-REQUEST-ID)%';

function mapper(code: number, name: RefusalName, surface: (typeof surfaces)[number]): object {
  const { status, headers, body } = refusal(name, surface, requestId(name));
  const { 'Content-Type': content_type, Connection: _, ...others } = headers;
  const ofStatus = {
    status_code_filter: { comparison: { op: 'EQ', value: { default_value: code, runtime_key: `portolan.status_${code}` } } },
  };
  const ofPath =
    surface === 'api'
      ? []
      : [
          {
            header_filter: {
              header: { name: ':path', string_match: { safe_regex: { regex: `${surfacePatterns[surface]}.*` } } },
            },
          },
        ];
  return {
    filter: ofPath.length > 0 ? { and_filter: { filters: [ofStatus, ...ofPath] } } : ofStatus,
    status_code: status,
    headers_to_add: Object.entries(others).map(([key, value]) => ({
      header: { key: key.toLowerCase(), value },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    body_format_override: { json_format: JSON.parse(body), content_type },
  };
}
