import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { type Rotation, rotate, totalOf } from '../../../src/commands/keys/rotate';
import { countSealed, sealedRowId } from '../../../src/store/keyRotation';
import { sealedColumns } from '../../../src/store/sealedColumns';
import { type Keyring, seal, unseal } from '../../../src/store/sealing';
import { testKeyring } from '../../support/config';
import { environment, unique } from '../../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../../support/portolan';
import { serviceRow } from '../../support/rows';

/** What the installation has after an administrator put a key first. */
const newKeyring: Keyring = { currentId: 'k2', keys: new Map([['k2', randomBytes(32)], ...testKeyring.keys]) };

let portolan: Portolan;
let envId: string;
beforeEach(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan);
});
afterEach(() => portolan.close());

const run = (more: object = {}): Promise<Rotation> =>
  rotate({ database: portolan.context.database, keyring: newKeyring, batchSize: 7, ...more });
const done = { remaining: [], unreadable: [], ended: false };

const sealedSecret = (id: string, text: string) =>
  seal(testKeyring, { table: 'secrets', column: 'value_sealed', rowId: id }, text);
async function secrets(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuidv7());
  await portolan.sql(
    `insert into secrets (id, environment_id, key, value_sealed)
     select id, $1, 'S_' || replace(id::text, '-', '_'), record from unnest($2::uuid[], $3::text[]) as given (id, record)`,
    [envId, ids, ids.map((id) => sealedSecret(id, `value of ${id}`))],
  );
  return ids;
}

/** At least one value in each column; gives the number of all. */
async function fill(): Promise<number> {
  const registry = { name: unique('r'), type: 'generic', registryUrl: 'ghcr.io', username: 'ci', password: 'p-1', token: 't-1' };
  const headers = { 'idempotency-key': unique('key') };
  await portolan.call('createRegistry', { path: { envId }, body: registry, headers });
  await secrets(20);
  const [serviceId, packageId] = [await serviceRow(portolan, envId), uuidv7()];
  await portolan.sql(
    'insert into packages (id, environment_id, service_id, image, username, password_sealed) values ($1, $2, $3, $4, $5, $6)',
    [
      packageId,
      envId,
      serviceId,
      'ghcr.io/acme/shop:1',
      'ci',
      seal(testKeyring, { table: 'packages', column: 'password', rowId: packageId }, 'p-2'),
    ],
  );
  await portolan.sql(
    "insert into environment_ssh (environment_id, private_key_sealed, ssh_user, key_type, fingerprint) values ($1, $2, 'root', 'ed25519', 'x')",
    [envId, seal(testKeyring, { table: 'environment_ssh', column: 'private_key_sealed', rowId: envId }, 'pem')],
  );
  return totalOf(await countSealed(portolan.context.database.db));
}

/** Every value in plain text, opened with these keys. */
async function opened(keyring: Keyring): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { table, column, place, id } of sealedColumns) {
    const rows = await portolan.sql(`select ${id} as id, ${column} as record from ${table} where ${column} is not null`);
    for (const row of rows) {
      const rowId = sealedRowId(row.id);
      values[`${table}.${column}.${rowId}`] = unseal(keyring, { table, column: place, rowId }, row.record);
    }
  }
  return values;
}

describe('a rotation', () => {
  test('seals every column anew, and nothing else changes', async () => {
    const total = await fill();
    const columns = new Set((await countSealed(portolan.context.database.db)).map(({ table, column }) => `${table}.${column}`));
    expect([...columns].sort()).toEqual(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort());
    const before = await opened(testKeyring);
    const versions = () =>
      portolan.sql(
        'select id, version, updated_at from secrets union all select id, version, updated_at from registries order by 1',
      );
    const versionsBefore = await versions();

    expect(await run()).toEqual({ rotated: total, ...done });
    const onlyNew: Keyring = { currentId: 'k2', keys: new Map([['k2', newKeyring.keys.get('k2') as Buffer]]) };
    expect(await opened(onlyNew)).toEqual(before);
    expect(Object.keys(before)).toHaveLength(total);
    expect(await versions()).toEqual(versionsBefore);
    expect(await run()).toEqual({ rotated: 0, ...done });
  });

  test('tells how far it is', async () => {
    const total = await fill();
    const told: number[] = [];
    await run({ onProgress: (progress: { done: number; total: number }) => told.push(progress.done, progress.total) });
    expect(told.slice(-2)).toEqual([total, total]);
    expect(told[0]).toBeLessThanOrEqual(7);
  });

  test('that was ended goes on', async () => {
    await fill();
    const asked = new AbortController();
    const first = await run({ signal: asked.signal, onProgress: () => asked.abort() });
    expect(first.ended).toBe(true);
    expect(first.rotated).toBeGreaterThan(0);
    const left = totalOf(first.remaining);
    expect(left).toBeGreaterThan(0);
    expect(await run()).toEqual({ rotated: left, ...done });
  });

  test('two at once do the work of one', async () => {
    const total = await fill();
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ remaining }) => remaining)).toEqual([[], []]);
    expect(both[0].rotated + both[1].rotated).toBe(total);
  });

  test('looks again at what a request held', async () => {
    const [id] = await secrets(3);
    const client = await portolan.context.database.pool.connect();
    await client.query('begin');
    await client.query('select from secrets where id = $1 for update', [id]);
    const rotated: number[] = [];
    const running = run({ onProgress: (progress: { done: number }) => rotated.push(progress.done) });
    const [{ count }] = await portolan.sql('select count(*)::int as count from secrets');
    // All others are done while the row is locked, so nothing waits for it.
    while (!rotated.some((n) => n >= count - 1)) await new Promise((resolve) => setTimeout(resolve, 10));
    await client.query('commit');
    client.release();
    expect((await running).remaining).toEqual([]);
  });

  test('names a value that does not open, and seals the others', async () => {
    const [one, other, third] = (await secrets(3)) as [string, string, string];
    await portolan.sql('update secrets set value_sealed = (select value_sealed from secrets where id = $2) where id = $1', [
      one,
      other,
    ]);
    await portolan.sql("update secrets set value_sealed = 'plain' where id = $1", [third]);
    const result = await run();
    expect(result.remaining).toEqual([]);
    const place = { table: 'secrets', column: 'value_sealed' };
    expect(result.unreadable).toEqual([
      { ...place, rowId: one, keyId: 'k1' },
      { ...place, rowId: third, keyId: '' },
    ]);
    const counts = (await countSealed(portolan.context.database.db)).filter(({ table }) => table === 'secrets');
    expect(counts.map(({ keyId, count }) => [keyId, count])).toEqual([
      ['', 1],
      ['k1', 1],
      ['k2', 1],
    ]);
  });

  test('leaves out answers that are not kept any more', async () => {
    await fill();
    await portolan.sql("update idempotency_keys set expires_at = now() - interval '1 second'");
    await run();
    const [row] = await portolan.sql('select body_sealed from idempotency_keys');
    expect(row.body_sealed).toMatch(/^v1\.k1\./);
  });
});

describe('while it runs', () => {
  test('changes are never lost, and all is read', async () => {
    const ids = await secrets(60);
    const registries: string[] = [];
    for (let i = 0; i < 4; i++) {
      const body = { name: unique('r'), type: 'generic', registryUrl: 'ghcr.io', username: 'ci', password: `first-${i}` };
      registries.push((await portolan.call('createRegistry', { path: { envId }, body })).body.registry.id);
    }
    let rotating = true;
    const wrote = new Map<string, string>();
    const writers = registries.map(async (id, index) => {
      for (let turn = 0; rotating; turn++) {
        const password = `turn-${index}-${turn}`;
        const answer = await portolan.call('updateRegistry', { path: { id }, body: { password } });
        expect(answer.status).toBe(200);
        wrote.set(id, password);
      }
    });
    const reader = (async () => {
      while (rotating) expect((await portolan.call('getRegistry', { path: { id: registries[0] as string } })).status).toBe(200);
    })();
    await run({ batchSize: 5 }).finally(() => {
      rotating = false;
    });
    await Promise.all([...writers, reader]);

    // The process of this test seals with the old key, so what it wrote last is found by the next rotation.
    expect((await run()).remaining).toEqual([]);
    const values = await opened(newKeyring);
    for (const id of ids) expect(values[`secrets.value_sealed.${id}`]).toBe(`value of ${id}`);
    for (const [id, password] of wrote) expect(values[`registries.password_sealed.${id}`]).toBe(password);
    expect(wrote.size).toBe(registries.length);
  }, 120_000);

  test('logins and stored answers go on, also in a process that starts after it', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const body = { name: unique('r'), type: 'generic', registryUrl: 'ghcr.io' };
    const first = await portolan.call('createRegistry', { path: { envId }, body, headers });
    await run();
    const [row] = await portolan.sql('select id, private_key_sealed, public_jwk from signing_keys');
    const pem = unseal(newKeyring, { table: 'signing_keys', column: 'private_key', rowId: row.id }, row.private_key_sealed);
    expect(createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' })).toMatchObject({ x: row.public_jwk.x });
    // This process read its signing key before. One that starts later signs with what was rotated, and both verify.
    expect((await portolan.call('getCurrentPrincipal')).status).toBe(200);
    const replica = await startReplica(portolan, {}, { keyring: newKeyring });
    try {
      const again = await replica.call('createRegistry', { path: { envId }, body, headers, token: portolan.adminToken });
      expect([again.headers['idempotent-replayed'], again.text]).toEqual(['true', first.text]);
      expect((await portolan.call('getCurrentPrincipal', { token: replica.adminToken })).status).toBe(200);
    } finally {
      await replica.close();
    }
  });
});
