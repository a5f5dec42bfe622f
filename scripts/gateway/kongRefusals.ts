import type { surfacePatterns } from './model';
import { type RefusalName, refusal, surfaces } from './refusals';

/** What Kong refuses itself, by the statuses that it has for it. */
const statuses: [codes: number[], name: RefusalName][] = [
  [[400], 'malformed'],
  [[404], 'not_found'],
  [[413, 417], 'too_large'],
  [[414, 431, 494], 'headers_too_large'],
  [[429], 'rate_limited'],
  [[500, 502, 503], 'away'],
  [[504], 'timed_out'],
];

/** Lua's patterns have no alternatives. */
const luaPatterns = { v3: ['^/+v[23]$', '^/+v[23]/'], uaa: ['^/+uaa$', '^/+uaa/'] } satisfies Record<
  keyof typeof surfacePatterns,
  string[]
>;

/**
 * Lua for the plugin post-function: what Kong answers itself gets the body and the headers that Portolan would give.
 * Answers of Portolan are left alone.
 */
export function refusalScripts(): { header_filter: string[]; body_filter: string[] } {
  const table = statuses.flatMap(([codes, name]) =>
    codes.map((code) => `  [${code}] = {\n${surfaces.map((one) => entry(name, one)).join('')}  },\n`),
  );
  const surfaceTests = Object.entries(luaPatterns).flatMap(([surface, patterns]) =>
    patterns.map((pattern) => `if string.find(path, "${pattern}") then surface = "${surface}" end\n`),
  );
  const headerFilter = `if kong.response.get_source() == "service" then return end
local refusals = {
${table.join('')}}
local of_status = refusals[kong.response.get_status()]
if not of_status then return end
local path = kong.request.get_path()
local surface = "api"
${surfaceTests.join('')}local refusal = of_status[surface]
local id = kong.request.get_header("x-request-id") or ""
if not string.find(id, "^[%w._-]+$") or #id > 128 then id = "none" end
kong.response.set_status(refusal.status)
kong.response.clear_header("Content-Length")
for name, value in pairs(refusal.headers) do kong.response.set_header(name, value) end
kong.response.set_header("X-Request-Id", id)
kong.ctx.shared.portolan_refusal = string.gsub(refusal.body, "REQUEST_ID", id)
`;
  const bodyFilter = `local refusal = kong.ctx.shared.portolan_refusal
if refusal then kong.response.set_raw_body(refusal) end
`;
  return { header_filter: [headerFilter], body_filter: [bodyFilter] };
}

/** Counted by the minute: it may take that long until there is room again. */
const luaHeaders = (name: RefusalName, headers: Record<string, string>) => ({
  ...headers,
  ...(name === 'rate_limited' ? { 'Retry-After': '60' } : {}),
});

function entry(name: RefusalName, surface: (typeof surfaces)[number]): string {
  const { status, headers, body } = refusal(name, surface, 'REQUEST_ID');
  const { 'X-Request-Id': _, 'X-VCAP-Request-ID': __, Connection: ___, ...others } = headers;
  const pairs = Object.entries(luaHeaders(name, others)).map(([header, value]) => `["${header}"] = ${JSON.stringify(value)}`);
  return `    ${surface} = { status = ${status}, headers = { ${pairs.join(', ')} }, body = ${JSON.stringify(body)} },\n`;
}
