import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationId } from '../../generated/operations';
import { type Role, roleReaches } from '../../src/domain/access/scopes';
import { apiIds, declaredStatuses, factsOf, operationIds, uaaIds, v3Ids } from '../support/contract';
import { environment, token } from '../support/fixtures';
import { acceptableBody, makeObjects, pathOf } from '../support/objects';
import { type Answered, type Portolan, startPortolan } from '../support/portolan';

/**
 * Who may do what, for every operation: called with each kind of credential on real objects, compared with what the
 * contract says (`x-permission`) and with a golden list that people review.
 * UPDATE_GOLDEN=1 npx jest test/contract/authorisation   writes the list
 */

const goldenFile = join(__dirname, 'authorisation.golden.txt');

/** Operations that need no credential, each with its reason. */
const publicOperations: Partial<Record<OperationId, string>> = {
  getRoot: 'says where everything is',
  getHealth: 'probed by load balancers, tells nothing about the data',
  getReadiness: 'probed by load balancers, tells nothing about the data',
  getMetricsExposition: 'on a listener of its own, which is not public',
  getOpenApiDocument: 'the contract is published',
  getOpenApiDocumentOfApi: 'the contract is published',
  getOpenApiYaml: 'the contract is published',
  getApiDocs: 'the reference is published',
  getApiDocsAsset: 'a part of the reference',
  login: 'makes the credential',
  getPlainHealth: 'probed by the router of a platform, tells nothing about the data',
  getV3Root: 'says where everything is, to clients that have not signed in',
  getPlatformInfo: 'says what this installation is, to clients that have not signed in',
  getLoginPrompts: 'asked before anybody signs in',
  createOauthToken: 'makes the credential',
  getTokenKeys: 'public keys',
};

/**
 * Operations whose handler decides further than `x-permission` can say. The golden list holds what they answer; the
 * rules below are not applied to the credentials that are named.
 */
const decidedByHandler: Partial<Record<OperationId, { reason: string; columns: Column[] }>> = {
  createMyApiToken: {
    reason: 'an API token needs tokens:manage to make tokens, and makes none that is wider than itself',
    columns: ['viewer', 'operator', 'local', 'foreign', 'unscoped'],
  },
  updateUser: { reason: 'the example changes the role, which nobody may on their own account', columns: ['self'] },
  getOperation: { reason: 'is there for those who may read the resource that it works on', columns: ['unscoped'] },
  cancelOperation: {
    reason: 'needs the scope of the resource that the operation works on',
    columns: ['viewer', 'operator', 'unscoped'],
  },
};

/** A scope that no operation of a surface needs. */
const otherScopes = { api: 'droplets:read', v3: 'registries:read', uaa: 'registries:read' };
const columns = ['none', 'viewer', 'operator', 'admin', 'local', 'foreign', 'unscoped', 'self'] as const;
type Column = (typeof columns)[number];
interface Credential {
  token: string | null;
  userId: string;
}

let portolan: Portolan;
let home: string;
let credentials: Record<Exclude<Column, 'self' | 'local'>, Credential>;
let unscopedOfV3: Credential;
beforeAll(async () => {
  portolan = await startPortolan();
  home = await environment(portolan);
  const elsewhere = await environment(portolan);
  credentials = {
    none: { token: null, userId: (await token(portolan)).userId },
    viewer: await token(portolan, { role: 'viewer' }),
    operator: await token(portolan, { role: 'operator' }),
    admin: await token(portolan),
    foreign: await token(portolan, { environments: [elsewhere] }),
    unscoped: await token(portolan, { scopes: [otherScopes.api] }),
  };
  unscopedOfV3 = await token(portolan, { scopes: [otherScopes.v3] });
});
afterAll(() => portolan.close());

const written = ({ status, body }: Answered): string => {
  // Under /v3 codes tell more than statuses.
  if (body.errors && status >= 400 && status < 500) return status === 401 ? '401' : `${status} ${body.errors[0].code}`;
  if (status === 403) return `403 ${body.code}`;
  return status === 401 || status === 404 ? String(status) : 'pass';
};

/** `local` is an administrator's token that is limited to the objects' environment; `self` a viewer on themselves. */
async function credentialOf(id: OperationId, column: Column, environmentId: string): Promise<Credential> {
  if (column === 'unscoped' && factsOf(id).surface) return unscopedOfV3;
  if (column === 'self') return token(portolan, { role: 'viewer' });
  return column === 'local' ? token(portolan, { environments: [environmentId] }) : credentials[column];
}

/** What a credential gets, each time on objects of its own. */
async function outcome(id: OperationId, column: Column): Promise<string> {
  // A new environment for what an operation may remove; a fixed one is as good everywhere else.
  const environmentId = factsOf(id).nouns.id === 'environment' ? await environment(portolan) : home;
  const { token: bearer, userId } = await credentialOf(id, column, environmentId);
  const objects = await makeObjects(portolan, { userId, environmentId });
  if (column === 'self') objects.user = userId;
  const body = acceptableBody(id, objects);
  return written(
    await portolan.call(id, { path: pathOf(id, objects).path, token: bearer, ...(body === undefined ? {} : { body }) }),
  );
}

const columnsOf = (id: OperationId): Column[] => columns.filter((column) => column !== 'self' || factsOf(id).self);

/** What the contract's permission promises. */
function promised(id: OperationId, column: Column): string {
  const { role, scope, environment: where, method } = factsOf(id);
  const allowed = pathOf(id, {}).real || allReal(id) ? 'pass' : '404';
  if (role === 'public') return 'pass';
  if (column === 'none') return '401';
  if (column === 'self') return allowed;
  const held: Role = column === 'viewer' || column === 'operator' ? column : 'admin';
  if (role !== 'any' && !roleReaches(held, role)) return '403 FORBIDDEN_ROLE';
  if (column === 'unscoped' && scope !== null) return '403 FORBIDDEN_SCOPE';
  if (column === 'foreign' && (where === 'path' || where === 'resource')) return '404';
  if ((column === 'foreign' || column === 'local') && where === 'none' && method !== 'get' && role !== 'any')
    return '403 FORBIDDEN_SCOPE';
  return allowed;
}

const everyNoun = new Proxy({}, { get: (_, noun) => String(noun) }) as Record<string, string>;
const allReal = (id: OperationId) => pathOf(id, everyNoun).real;

/** What is promised under /v3; undefined where the handler decides: the golden list and the table of roles hold that. */
function promisedOfV3(id: OperationId, column: Column): string | undefined {
  const { role, scope, anyScope, environment: where, nouns, body } = factsOf(id);
  if (role === 'public') return 'pass';
  if (column === 'none') return '401';
  if (column === 'unscoped' && (scope !== null || anyScope)) return '403 10003';
  if (column === 'viewer' && anyScope) return '403 10003';
  if (column === 'foreign' && where === 'resource' && Object.keys(nouns).length > 0 && !body) return '404 10010';
  const isServed = declaredStatuses(id).some((status) => status.startsWith('2'));
  return isServed && scope !== null && column !== 'foreign' ? 'pass' : undefined;
}

const lines = new Map<OperationId, string>();
const lineOf = (id: OperationId, got: Partial<Record<Column, string>>) =>
  `${id.padEnd(32)} ${columnsOf(id)
    .map((column) => `${column}=${got[column]}`)
    .join('  ')}`;

describe('each credential gets what the contract promises under /v3', () => {
  test.each([...v3Ids, ...uaaIds])('%s', async (id) => {
    const got: Partial<Record<Column, string>> = {};
    const expected: Partial<Record<Column, string>> = {};
    for (const column of columnsOf(id)) {
      got[column] = await outcome(id, column);
      expected[column] = (factsOf(id).surface === 'v3' ? promisedOfV3(id, column) : undefined) ?? got[column];
    }
    lines.set(id, lineOf(id, got));
    expect(got).toEqual(expected);
  });
});

describe('each credential gets what the contract promises', () => {
  test.each(apiIds)('%s', async (id) => {
    const got: Partial<Record<Column, string>> = {};
    const expected: Partial<Record<Column, string>> = {};
    for (const column of columnsOf(id)) {
      got[column] = await outcome(id, column);
      const further = decidedByHandler[id]?.columns.includes(column);
      expected[column] = further ? got[column] : promised(id, column);
    }
    lines.set(id, lineOf(id, got));
    expect(got).toEqual(expected);
  });
});

describe('public operations', () => {
  test('are those that are listed here, each with its reason', () => {
    expect(operationIds.filter((id) => factsOf(id).role === 'public').sort()).toEqual(Object.keys(publicOperations).sort());
  });
});

describe('the golden list', () => {
  test('holds every operation, and what each credential gets', () => {
    const text = `${operationIds.map((id) => lines.get(id)).join('\n')}\n`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(goldenFile, text);
    const golden = existsSync(goldenFile) ? readFileSync(goldenFile, 'utf8') : '';
    expect(lines.size).toBe(operationIds.length);
    // Review the difference, then write the list with UPDATE_GOLDEN=1.
    expect(text.split('\n')).toEqual(golden.split('\n'));
  });
});
