import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { bodyLimitOf } from '../../src/http/bodyLimit';
import { factsOf, operationIds } from '../support/contract';
import { describeWith, programOf } from '../support/gateways/programs';
import { configuration } from '../support/gateways/running';

/** Kong itself cannot be had here: its rules for routes are written down below, and its files are read by decK. */

interface Plugin {
  name: string;
  route?: string;
  config: Record<string, any>;
}
interface Route {
  name: string;
  paths: string[];
  methods?: string[];
  regex_priority?: number;
  response_buffering?: boolean;
  tags: string[];
}
interface Service {
  name: string;
  retries: number;
  read_timeout: number;
  plugins: Plugin[];
  routes: Route[];
}
const kong = (options = {}): { services: Service[]; plugins: Plugin[]; upstreams: object[] } =>
  parse(configuration('kong', options));

const { services, plugins } = kong();
const placed = services.flatMap((service) => service.routes.map((route) => ({ service, route })));

/** As Kong does: more kinds of conditions first, then regular expressions by priority, then the longest prefix. */
function matched(method: string, path: string) {
  // Kong merges slashes before it looks.
  const plain = path.replace(/\/{2,}/g, '/');
  const weight = ({ methods, paths }: Route) => [methods ? 2 : 1, paths[0]?.startsWith('~') ? 1 : 0] as const;
  const order = [...placed].sort((one, other) => {
    const [kinds, regular] = weight(one.route);
    const [otherKinds, otherRegular] = weight(other.route);
    return otherKinds - kinds || otherRegular - regular || (other.route.regex_priority ?? 0) - (one.route.regex_priority ?? 0);
  });
  return order.find(({ route }) => {
    if (route.methods && !route.methods.includes(method)) return false;
    return route.paths.some((one) => (one.startsWith('~') ? new RegExp(`^${one.slice(1)}`).test(plain) : plain.startsWith(one)));
  });
}

const ids = operationIds.filter((id) => !factsOf(id).listener);
const pathOf = (id: (typeof ids)[number]) => factsOf(id).path.replace(/\{\w+\}/g, 'acme%2Fshop');
const pluginOf = (service: Service, name: string) => service.plugins.find((plugin) => plugin.name === name)?.config;

describe('routes', () => {
  test.each(ids)('%s has its own, however its path is written', (id) => {
    const method = factsOf(id).method.toUpperCase();
    for (const path of [pathOf(id), `/${pathOf(id).replaceAll('/', '//')}`, `${pathOf(id)}/`]) {
      for (const one of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
        expect([path, one, matched(one, path)?.route.name]).toEqual([path, one, id]);
      }
    }
  });

  test.each([
    ['GET', '/api/nothing', 'unknown'],
    ['DELETE', '/api/users', 'unknown'],
    ['OPTIONS', '/api/users', 'unknown'],
    ['GET', '/api/settings/service-types/x/commands/reorder', 'unknown-of-reorderServiceTypeCommands'],
    ['GET', '/metrics', 'nowhere'],
    ['POST', '//metrics/', 'nowhere'],
  ])('%s %s is handed to %s', (method, path, name) => {
    expect(matched(method, path)?.route.name).toBe(name);
  });

  test.each(ids)('%s is handled as the contract has it', (id) => {
    const { service, route } = matched(factsOf(id).method.toUpperCase(), pathOf(id)) as (typeof placed)[number];
    const facts = factsOf(id);
    expect(service.retries).toBe(facts.method === 'get' && id !== 'streamEvents' ? 1 : 0);
    expect(route.response_buffering).toBe(id === 'streamEvents' ? false : undefined);
    expect(route.tags).toContain(facts.role === 'public' ? 'public' : 'credential');
    const { allowed_payload_size } = pluginOf(service, 'request-size-limiting') as Record<string, number>;
    expect(allowed_payload_size).toBe(bodyLimitOf(facts, 50 * 1024 * 1024));
    const limit = pluginOf(service, 'rate-limiting');
    if (facts.rateLimit === 'none') expect(limit).toBeUndefined();
    else expect([limit?.limit_by, limit?.minute]).toEqual(facts.role === 'public' ? ['ip', 240] : ['header', 2400]);
  });

  test('nothing that is never answered is handed on', () => {
    expect(plugins).toContainEqual(expect.objectContaining({ name: 'request-termination', route: 'nowhere' }));
  });
});

describe('options', () => {
  test('pages of other origins are off, unless an origin is named', () => {
    expect(plugins.map(({ name }) => name)).not.toContain('cors');
    const { config } = kong({ 'cors-origin': 'https://app.example.com' }).plugins.find(({ name }) => name === 'cors') as Plugin;
    expect(config).toMatchObject({ origins: ['https://app.example.com'], credentials: false, max_age: 600 });
    expect(config.exposed_headers).toContain('Idempotent-Replayed');
  });

  test('replicas are targets that are asked whether they are ready', () => {
    const [upstream] = kong({ upstream: ['http://10.0.0.5:3000', 'http://10.0.0.6:3000'] }).upstreams;
    expect(upstream).toMatchObject({
      targets: [{ target: '10.0.0.5:3000' }, { target: '10.0.0.6:3000' }],
      healthchecks: { active: { http_path: '/ready', healthy: { interval: 10 } } },
    });
  });
});

describeWith('deck', 'decK', () => {
  test.each([
    ['without options', {}],
    [
      'with all',
      { upstream: ['https://a.example.com,https://b.example.com'], 'server-name': 'p.example.com', 'cors-origin': '*' },
    ],
  ])('takes the file %s', (_name, options) => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-kong-'));
    writeFileSync(join(folder, 'kong.yaml'), configuration('kong', options));
    execFileSync(programOf('deck') as string, ['validate', '-s', join(folder, 'kong.yaml')]);
    rmSync(folder, { recursive: true });
  });
});

describeWith('luajit', 'the script for what Kong refuses itself', () => {
  const [{ config }] = plugins.filter(({ name }) => name === 'post-function') as [Plugin];

  /** Runs it with a stand-in for Kong's functions; gives what the client would get. */
  function refused(source: string, status: number, path: string, requestId: string) {
    const script = `
      local out = { status = ${status}, headers = {}, body = "untouched" }
      kong = { ctx = { shared = {} },
        request = { get_path = function() return "${path}" end, get_header = function() return ${JSON.stringify(requestId)} end },
        response = { get_source = function() return "${source}" end, get_status = function() return ${status} end,
          set_status = function(value) out.status = value end, clear_header = function() end,
          set_header = function(name, value) out.headers[name] = value end, set_raw_body = function(value) out.body = value end } }
      local function header_filter() ${config.header_filter[0]} end
      local function body_filter() ${config.body_filter[0]} end
      header_filter() body_filter()
      print(out.status) print(out.headers["Retry-After"]) print(out.headers["X-Request-Id"]) print(out.body)`;
    const printed = execFileSync(programOf('luajit') as string, ['-'], { input: script, encoding: 'utf8' });
    const [code, retryAfter, id, body] = printed.trim().split('\n') as [string, string, string, string];
    return { status: Number(code), retryAfter, id, body: body.startsWith('{') ? JSON.parse(body) : body };
  }

  test.each([
    ['exit', 429, '/api/users', { status: 429, retryAfter: '60', body: { code: 'RATE_LIMITED', requestId: 'the-id' } }],
    ['exit', 429, '/v3/apps', { status: 429, body: { errors: [{ code: 10013 }] } }],
    ['exit', 413, '/api/users', { status: 413, body: { code: 'VALIDATION_ERROR', field: '' } }],
    ['exit', 413, '/v3', { status: 400, body: { errors: [{ code: 1001 }] } }],
    ['exit', 404, '/metrics', { status: 404, body: { code: 'NOT_FOUND' } }],
    ['error', 502, '/uaa/oauth/token', { status: 503, retryAfter: '5', body: { error: 'temporarily_unavailable' } }],
    ['error', 504, '/api/users', { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } }],
  ])('gives %s %d at %s the shape of the contract', (source, status, path, expected) => {
    expect(refused(source, status, path, 'the-id')).toMatchObject({ id: 'the-id', ...expected });
  });

  test('leaves answers of the service alone', () => {
    expect(refused('service', 429, '/api/users', 'the-id')).toMatchObject({ status: 429, body: 'untouched' });
  });

  test('repeats no id that is none', () => {
    expect(refused('exit', 429, '/api/users', 'a"b%1').body.requestId).toBe('none');
  });
});
