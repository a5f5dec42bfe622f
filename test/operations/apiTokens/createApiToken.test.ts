import { environment, serviceAccount, token, unique, user } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';

let portolan: Portolan;
let envId: string;
let ownerUserId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan, 'production');
  ownerUserId = (await user(portolan, { role: 'operator', name: 'Ada', email: 'ada@example.com' })).id;
});
afterAll(() => portolan.close());

const good = () => ({ name: unique('token'), ownerUserId, role: 'viewer', allEnvironments: true, expiresInDays: 30 });
const create = (body: object, more: object = {}) => portolan.call('createApiToken', { body, ...more });
const day = 86_400_000;
const unknownId = '01920000-0000-7000-8000-000000000000';

describe('201', () => {
  test('the token is shown once, works, and only its hash is kept', async () => {
    const answer = await create({ ...good(), name: 'ci' });
    expect(answer.status).toBe(201);
    const { token: text, tokenRecord } = answer.body;
    expect(text).toMatch(/^ptl_pat_[A-Za-z0-9_-]{43}$/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.etag).toMatch(/^"1\.[0-9a-f]+"$/);
    expect(tokenRecord).toMatchObject({
      name: 'ci',
      userId: ownerUserId,
      user: { id: ownerUserId, email: 'ada@example.com', name: 'Ada' },
      serviceAccountId: null,
      serviceAccount: null,
      role: 'viewer',
      scopes: null,
      allEnvironments: true,
      environments: [],
      tokenPrefix: text.slice(0, 12),
      lastUsedAt: null,
      revokedAt: null,
    });
    const me = await portolan.call('getCurrentPrincipal', { token: text });
    expect(me.body.user).toMatchObject({ id: ownerUserId, apiTokenId: tokenRecord.id });
    const read = await portolan.send('GET', String(answer.headers.location));
    expect(read.status).toBe(200);
    expect(read.text).not.toContain(text);
    const [row] = await portolan.sql('select * from api_tokens where id = $1', [tokenRecord.id]);
    expect(JSON.stringify(row)).not.toContain(text.slice(12));
  });

  test('for a service account, with scopes as given and environments by name', async () => {
    const account = await serviceAccount(portolan, { role: 'operator' });
    const other = await environment(portolan, 'another');
    const { token: text, tokenRecord } = (
      await create({
        name: 'ci',
        ownerServiceAccountId: account.id,
        role: 'operator',
        scopes: ['services:write', 'images:read'],
        environmentIds: [envId, other],
        expiresInDays: 1,
      })
    ).body;
    expect(tokenRecord).toMatchObject({
      userId: null,
      user: null,
      serviceAccountId: account.id,
      serviceAccount: { id: account.id, name: account.name, disabled: false },
      scopes: ['services:write', 'images:read'],
      allEnvironments: false,
      environments: [
        { id: other, name: 'another' },
        { id: envId, name: 'production' },
      ],
    });
    const me = (await portolan.call('getCurrentPrincipal', { token: text })).body;
    expect([...me.environments].sort()).toEqual([envId, other].sort());
    expect(me.user.serviceAccountId).toBe(account.id);
  });

  test.each([1, 365])('it ends after %s days', async (expiresInDays) => {
    const before = Date.now();
    const end = Date.parse((await create({ ...good(), expiresInDays })).body.tokenRecord.expiresAt);
    expect(end).toBeGreaterThanOrEqual(before + expiresInDays * day);
    expect(end).toBeLessThanOrEqual(Date.now() + expiresInDays * day);
  });

  test('it ends when asked to, with any offset', async () => {
    const { expiresInDays: _, ...rest } = good();
    const end = new Date(Date.now() + 90 * day);
    const expiresAt = `${new Date(end.getTime() + 2 * 3_600_000).toISOString().slice(0, -1)}+02:00`;
    expect((await create({ ...rest, expiresAt })).body.tokenRecord.expiresAt).toBe(end.toISOString());
  });

  test.each([
    ['null', { scopes: null }, null],
    ['absent', {}, null],
    ['an empty list', { scopes: [] }, []],
    ['admin:*', { scopes: ['admin:*'], role: 'admin' }, ['admin:*']],
  ])('scopes: %s', async (_, wish, expected) => {
    const admin = await user(portolan, { role: 'admin' });
    const { tokenRecord } = (await create({ ...good(), ownerUserId: admin.id, ...wish })).body;
    expect(tokenRecord.scopes).toEqual(expected);
  });

  test('an Idempotency-Key makes one token, and gives it again; what is kept is sealed', async () => {
    const body = good();
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(body, { headers });
    const again = await create(body, { headers });
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.headers['cache-control']).toBe('no-store');
    expect(again.text).toBe(first.text);
    expect(again.headers.location).toBe(first.headers.location);
    expect(await portolan.sql('select id from api_tokens where name = $1', [body.name])).toHaveLength(1);
    const kept = await portolan.sql('select * from idempotency_keys');
    expect(JSON.stringify(kept)).not.toContain(first.body.token.slice(12));
  });

  test('a kept answer is not for a credential of the same owner that reaches less far', async () => {
    const admin = await user(portolan, { role: 'admin' });
    const wide = await token(portolan, { ownerUserId: admin.id });
    const narrow = await token(portolan, { ownerUserId: admin.id, scopes: ['tokens:manage'] });
    const twin = await token(portolan, { ownerUserId: admin.id });
    const body = { ...good(), ownerUserId: admin.id, role: 'admin' };
    const headers = { 'idempotency-key': unique('key') };
    const first = await create(body, { headers, token: wide.token });
    expect((await create(body, { headers, token: narrow.token })).status).toBe(403);
    expect((await create(body, { headers, token: twin.token })).body.token).toBe(first.body.token);
  });

  test('the audit row tells whose token it is and how far it reaches, but not the token', async () => {
    const { token: text, tokenRecord } = (await create({ ...good(), scopes: ['images:read'] })).body;
    const [row] = await portolan.sql('select * from audit_logs where resource_id = $1', [tokenRecord.id]);
    expect(row).toMatchObject({ action: 'create', resource_type: 'api_token', resource_name: tokenRecord.name });
    expect(row.details.after).toMatchObject({ userId: ownerUserId, role: 'viewer', scopes: ['images:read'], allEnvironments: true });
    expect(JSON.stringify(row)).not.toContain(text.slice(8));
  });
});

describe('400', () => {
  const without = (...members: string[]) => Object.fromEntries(Object.entries(good()).filter(([name]) => !members.includes(name)));
  const refused = async (body: object, field: string, code: string) => {
    const answer = await create(body);
    expect([answer.status, answer.body.code, answer.body.field, answer.body.details[0].code]).toEqual([400, 'VALIDATION_ERROR', field, code]);
    return answer.body;
  };

  test.each([
    [{ name: '' }, 'name', 'minLength'],
    [{ name: 'x'.repeat(101) }, 'name', 'maxLength'],
    [{ name: 'a\nb' }, 'name', 'pattern'],
    [{ name: null }, 'name', 'type'],
    [{ role: 'root' }, 'role', 'enum'],
    [{ role: null }, 'role', 'type'],
    [{ scopes: 'images:read' }, 'scopes', 'type'],
    [{ scopes: ['images:read', 'images:read'] }, 'scopes', 'unique'],
    [{ allEnvironments: null }, 'allEnvironments', 'type'],
    [{ expiresInDays: 0 }, 'expiresInDays', 'minimum'],
    [{ expiresInDays: 366 }, 'expiresInDays', 'maximum'],
    [{ expiresInDays: 1.5 }, 'expiresInDays', 'type'],
    [{ expiresInDays: null }, 'expiresInDays', 'type'],
    [{ scope: ['images:read'] }, 'scope', 'unknown_member'],
    [{ ownerUserId: 'ada' }, 'ownerUserId', 'format'],
    [{ ownerUserId: unknownId }, 'ownerUserId', 'unknown_reference'],
    [{ environmentIds: [] }, 'environmentIds', 'minItems'],
    [{ environmentIds: [unknownId] }, 'environmentIds', 'inconsistent'],
    [{ role: 'admin' }, 'role', 'inconsistent'],
    [{ scopes: ['images:read', 'services:write'] }, 'scopes[1]', 'inconsistent'],
  ])('%j', async (change, field, code) => {
    await refused({ ...good(), ...change }, field, code);
  });

  test('an unknown scope is answered with the nearest one', async () => {
    const near = await refused({ ...good(), scopes: ['images:read', 'service:read'] }, 'scopes[1]', 'enum');
    expect(near.hint).toBe('Did you mean services:read?');
    const far = await refused({ ...good(), scopes: ['everything'] }, 'scopes[0]', 'enum');
    expect(far.message).toContain('registries:write');
  });

  test('exactly one owner is needed', async () => {
    await refused(without('ownerUserId'), 'ownerUserId', 'inconsistent');
    const account = await serviceAccount(portolan);
    await refused({ ...good(), ownerServiceAccountId: account.id }, 'ownerUserId', 'inconsistent');
  });

  test('an unknown service account, and an id that only looks like one', async () => {
    await refused({ ...without('ownerUserId'), ownerServiceAccountId: ownerUserId }, 'ownerServiceAccountId', 'unknown_reference');
    await refused({ ...without('ownerUserId'), ownerServiceAccountId: unknownId.toUpperCase().replace('7000', '7ABC') }, 'ownerServiceAccountId', 'unknown_reference');
  });

  test('without all environments, some are needed; each that is unknown is told', async () => {
    await refused(without('allEnvironments'), 'environmentIds', 'required');
    await refused({ ...good(), allEnvironments: false }, 'environmentIds', 'required');
    const body = await refused(
      { ...without('allEnvironments'), environmentIds: [unknownId, envId, envId.toUpperCase()] },
      'environmentIds[0]',
      'unknown_reference',
    );
    expect(body.details.map(({ field }: { field: string }) => field)).toEqual(['environmentIds[0]', 'environmentIds[2]']);
    await refused({ ...without('allEnvironments'), environmentIds: [envId, envId] }, 'environmentIds', 'unique');
    await refused({ ...without('allEnvironments'), environmentIds: ['production'] }, 'environmentIds[0]', 'format');
    const many = Array.from({ length: 201 }, (_, n) => `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`);
    await refused({ ...without('allEnvironments'), environmentIds: many }, 'environmentIds', 'maxItems');
  });

  test('an end is needed, one, in the future, within a year', async () => {
    const at = (ms: number) => ({ ...without('expiresInDays'), expiresAt: new Date(Date.now() + ms).toISOString() });
    await refused(without('expiresInDays'), 'expiresInDays', 'required');
    await refused({ ...at(day), expiresInDays: 1 }, 'expiresAt', 'inconsistent');
    await refused(at(-1000), 'expiresAt', 'minimum');
    await refused(at(365 * day + 60_000), 'expiresAt', 'maximum');
    await refused({ ...without('expiresInDays'), expiresAt: 'tomorrow' }, 'expiresAt', 'format');
  });

  test('all problems are told at once', async () => {
    const { body } = await create({ name: 'x', role: 'admin', ownerUserId, scopes: ['audit:read'] });
    expect(body.details.map(({ field }: { field: string }) => field)).toEqual(['role', 'environmentIds', 'expiresInDays']);
  });

  test('nothing is made', async () => {
    const name = unique('token');
    await create({ ...good(), name, role: 'admin' });
    expect(await portolan.sql('select id from api_tokens where name = $1', [name])).toEqual([]);
  });
});

describe('403', () => {
  test.each([
    ['a role', { role: 'operator' }, { role: 'operator' }, 'FORBIDDEN_ROLE', { requiredRole: 'admin' }],
    ['the scope tokens:manage', { scopes: ['users:manage'] }, {}, 'FORBIDDEN_SCOPE', { requiredScope: 'tokens:manage' }],
    ['every scope', { scopes: ['tokens:manage'] }, {}, 'FORBIDDEN_SCOPE', { reason: 'wider_than_credential' }],
    [
      'a scope that it is to give',
      { scopes: ['tokens:manage', 'images:read'] },
      { scopes: ['images:read', 'services:read'] },
      'FORBIDDEN_SCOPE',
      { reason: 'wider_than_credential', requiredScope: 'services:read' },
    ],
  ] as [string, object, object, string, object][])('for a credential without %s', async (_, maker, wish, code, details) => {
    const credential = await token(portolan, maker);
    const answer = await create({ ...good(), ...wish }, { token: credential.token });
    expect([answer.status, answer.body.code]).toEqual([403, code]);
    expect(answer.body.details).toEqual(details);
  });

  test('for a credential that is limited to environments', async () => {
    const credential = await token(portolan, { environments: [envId] });
    const answer = await create({ ...good(), allEnvironments: false, environmentIds: [envId] }, { token: credential.token });
    expect([answer.status, answer.body.details]).toEqual([403, { reason: 'environment_limited' }]);
  });

  test('a credential gives what it has', async () => {
    const credential = await token(portolan, { scopes: ['tokens:manage', 'images:read'] });
    const answer = await create({ ...good(), scopes: ['images:read'] }, { token: credential.token });
    expect(answer.status).toBe(201);
  });
});

describe('422', () => {
  test.each([
    ['userId', 'The owner is named by ownerUserId of createApiToken.'],
    ['serviceAccountId', 'The owner is named by ownerServiceAccountId of createApiToken.'],
    ['environments', 'Send environmentIds instead.'],
    ['tokenPrefix', 'Leave it out; Portolan sets it.'],
    ['lastUsedAt', 'Leave it out; Portolan sets it.'],
    ['id', 'Leave it out; Portolan sets it.'],
  ])('%s is read-only', async (member, hint) => {
    const answer = await create({ ...good(), [member]: null });
    expect([answer.status, answer.body.code, answer.body.field, answer.body.hint]).toEqual([422, 'READONLY_FIELD', member, hint]);
  });
});
