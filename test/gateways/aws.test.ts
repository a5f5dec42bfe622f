import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factsOf, operationIds } from '../support/contract';
import { describeWith, toolFolder } from '../support/gateways/programs';
import { configuration } from '../support/gateways/running';

/** What AWS makes of the document: a tree of resources, where a word goes before a parameter and that before the rest. */

const text = configuration('aws', { upstream: ['https://portolan.example.com'] });
const document: { paths: Record<string, Record<string, any>>; [member: string]: any } = JSON.parse(text);
const anyMethod = 'x-amazon-apigateway-any-method';

interface Resource {
  path?: string;
  children: Map<string, Resource>;
}

const root: Resource = { children: new Map() };
for (const path of Object.keys(document.paths)) {
  let at = root;
  for (const part of path.split('/').filter(Boolean)) {
    const next = at.children.get(part) ?? { children: new Map() };
    at.children.set(part, next);
    at = next;
  }
  at.path = path;
}

const parameters = (resource: Resource) =>
  [...resource.children.keys()].filter((part) => part.startsWith('{') && !part.endsWith('+}'));

/** The path of the document that a request is for. */
function matched(path: string): string {
  let at: Resource | undefined = root;
  for (const part of path.split('/').filter(Boolean)) {
    at = at?.children.get(part) ?? at?.children.get(parameters(at)[0] ?? '');
  }
  return at?.path ?? '/{proxy+}';
}

const ids = operationIds.filter((id) => !factsOf(id).listener);

describe('resources', () => {
  test.each(ids)('%s has a method that is handed on to its path', (id) => {
    const { method, path } = factsOf(id);
    const sent = path.replace(/\{\w+\}/g, 'x');
    const item = document.paths[matched(sent)] as Record<string, any>;
    expect(item[method].operationId).toBe(id);
    const integration = item[method]['x-amazon-apigateway-integration'];
    expect(integration).toMatchObject({ type: 'http_proxy', httpMethod: method.toUpperCase() });
    const names = Object.entries(integration.requestParameters ?? {}).map(([to, from]) => {
      expect(String(from).replace('method', 'integration')).toBe(to);
      return to.split('.').pop() as string;
    });
    const filled = names.reduce((uri, name) => uri.replace(`{${name}}`, 'x'), integration.uri as string);
    expect(filled).toBe(`https://portolan.example.com${sent}`);
  });

  test.each(ids)('%s: other methods of its path are handed on too', (id) => {
    const item = document.paths[matched(factsOf(id).path.replace(/\{\w+\}/g, 'x'))] as Record<string, any>;
    expect(item[anyMethod]['x-amazon-apigateway-integration'].httpMethod).toBe('ANY');
  });

  test('unknown paths are handed on; metrics have nothing of their own', () => {
    for (const path of ['/api/nothing', '/metrics', '/api/users/a/b/c']) expect(matched(path)).toBe('/{proxy+}');
    expect(Object.keys(document.paths)).not.toContain('/metrics');
  });

  test('there is one parameter at a place, as AWS wants it, and no more resources than it allows', () => {
    const look = (resource: Resource): number => {
      expect(parameters(resource).length).toBeLessThanOrEqual(1);
      return [...resource.children.values()].reduce((count, child) => count + look(child), 1);
    };
    expect(look(root)).toBeLessThanOrEqual(300);
  });

  test('an answer that lasts is streamed, others end before AWS ends them', () => {
    const all = Object.values(document.paths).flatMap((item) => Object.values(item));
    for (const { operationId, 'x-amazon-apigateway-integration': one } of all) {
      const isLong = operationId === 'streamEvents' || (operationId && factsOf(operationId).outside);
      expect([operationId, one.responseTransferMode]).toEqual([operationId, isLong ? 'STREAM' : undefined]);
      if (!isLong) expect(one.timeoutInMillis).toBeLessThanOrEqual(29_000);
    }
  });
});

test('its own errors have the shape of the contract', () => {
  const responses = document['x-amazon-apigateway-gateway-responses'];
  const { statusCode, responseParameters, responseTemplates } = responses.THROTTLED;
  expect([statusCode, responseParameters['gatewayresponse.header.Retry-After']]).toEqual([429, "'1'"]);
  expect(JSON.parse(responseTemplates['application/json'])).toMatchObject({
    code: 'RATE_LIMITED',
    requestId: '$context.requestId',
  });
  expect(JSON.parse(responses.REQUEST_TOO_LARGE.responseTemplates['application/json']).code).toBe('VALIDATION_ERROR');
  expect(responses.MISSING_AUTHENTICATION_TOKEN.statusCode).toBe(404);
  expect(responses.INTEGRATION_TIMEOUT.statusCode).toBe(503);
});

describeWith('python', 'the validators', () => {
  test('take the document, and import each operation', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portolan-aws-'));
    writeFileSync(join(folder, 'aws.json'), text);
    const script = join(__dirname, '..', 'support', 'gateways', 'check_aws.py');
    const printed = execFileSync(join(toolFolder, 'python'), [script, join(folder, 'aws.json')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    const resources: Record<string, string[]> = JSON.parse(printed);
    for (const id of ids) {
      const { method, path } = factsOf(id);
      expect(resources[matched(path.replace(/\{\w+\}/g, 'x'))]).toContain(method.toUpperCase());
    }
  }, 120_000);
});
