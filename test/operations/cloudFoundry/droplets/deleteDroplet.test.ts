import { uuidv7 } from 'uuidv7';
import { run } from '../../../jobs/deletions/deleting';
import {
  appIn,
  auditOf,
  builtDroplet,
  type Caller,
  type Callers,
  callersOf,
  dropletRow,
  makeCurrent,
  suspend,
} from '../../../support/droplets';
import { environment } from '../../../support/fixtures';
import { type Portolan, startPortolan } from '../../../support/portolan';
import { operationRow } from '../../../support/rows';

let portolan: Portolan;
let space: string;
let app: string;
let callers: Callers;

beforeAll(async () => {
  portolan = await startPortolan({ PUBLIC_URL: 'https://portolan.example' });
  space = await environment(portolan);
  app = await appIn(portolan, space);
  callers = await callersOf(portolan, [space], await environment(portolan));
});
afterAll(() => portolan.close());

const remove = (guid: string, caller: Caller = 'admin') =>
  portolan.call('deleteDroplet', { path: { guid }, token: callers[caller] });
const jobOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers.location).split('/').pop() as string;
const exists = async (id: string) => (await portolan.sql('select from droplets where id = $1', [id])).length === 1;

describe('202', () => {
  test.each(['admin', 'developer'] as const)('for the %s: names the job, which deletes it', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    const answer = await remove(id, caller);
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.headers.location).toMatch(/^https:\/\/portolan\.example\/v3\/jobs\/[0-9a-f-]{36}$/);
    expect(await exists(id)).toBe(true);
    expect(await run(portolan, jobOf(answer))).toMatchObject({ end: 'deleted' });
    expect(await exists(id)).toBe(false);
  });

  test.each(['STAGED', 'STAGING', 'FAILED', 'EXPIRED'])('for one that is %s', async (state) => {
    const id = await dropletRow(portolan, app, { state });
    const answer = await remove(id);
    expect(answer.status).toBe(202);
    await run(portolan, jobOf(answer));
    expect(await exists(id)).toBe(false);
  });

  test('takes labels and annotations along, and leaves the digest that others use', async () => {
    const { id, digestId } = await builtDroplet(portolan, app);
    const same = await dropletRow(portolan, app, { image_digest_id: digestId });
    const metadata = { labels: { a: 'b' }, annotations: { c: 'd' } };
    await portolan.call('updateDroplet', { path: { guid: id }, body: { metadata } });
    await run(portolan, jobOf(await remove(id)));
    expect(await portolan.sql('select from labels where resource_id = $1', [id])).toEqual([]);
    expect(await portolan.sql('select from annotations where resource_id = $1', [id])).toEqual([]);
    const [row] = await portolan.sql('select image_digest_id from droplets where id = $1', [same]);
    expect(row.image_digest_id).toBe(digestId);
  });

  test('asked for twice while it waits is one job', async () => {
    const { id } = await builtDroplet(portolan, app);
    expect(jobOf(await remove(id))).toBe(jobOf(await remove(id)));
  });

  test('writes an audit row when it goes', async () => {
    const { id } = await builtDroplet(portolan, app);
    await run(portolan, jobOf(await remove(id)));
    expect(await auditOf(portolan, id)).toMatchObject([
      {
        action: 'delete',
        operation_id: 'deleteDroplet',
        resource_type: 'droplet',
        environment_id: space,
        details: { cfType: 'audit.app.droplet.delete' },
      },
    ]);
  });

  test('while a deployment works towards another droplet', async () => {
    const own = await appIn(portolan, space);
    const [gone, wanted] = [await dropletRow(portolan, own), await dropletRow(portolan, own)];
    await operationRow(portolan, {
      kind: 'deploy.run',
      resource_type: 'service',
      resource_id: own,
      parameters: JSON.stringify({ dropletId: wanted }),
    });
    expect((await remove(gone)).status).toBe(202);
    expect((await remove(wanted)).status).toBe(422);
  });
});

describe('401', () => {
  test('without credential', async () => {
    expect((await remove(uuidv7(), 'anonymous')).status).toBe(401);
  });
});

describe('403', () => {
  test.each(['viewer', 'reader', 'supporter', 'viewerWithImage'] as const)('for the %s', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    await makeCurrent(portolan, id);
    expect((await remove(id, caller)).body.errors[0].code).toBe(10003);
  });

  test('while the installation is suspended, behind the role, and not for an admin', async () => {
    const { id } = await builtDroplet(portolan, app);
    await suspend(portolan, true);
    try {
      expect((await remove(id, 'developer')).body.errors[0].code).toBe(10017);
      expect((await remove(id, 'supporter')).body.errors[0].code).toBe(10003);
      expect((await remove(id, 'admin')).status).toBe(202);
    } finally {
      await suspend(portolan, false);
    }
  });
});

describe('404', () => {
  test.each([uuidv7(), 'nothing'])('for %s', async (guid) => {
    expect((await remove(guid)).body.errors[0]).toMatchObject({ code: 10010, detail: 'Droplet not found' });
  });

  test.each(['outside', 'imageOnly'] as const)('for the %s', async (caller) => {
    const { id } = await builtDroplet(portolan, app);
    expect((await remove(id, caller)).status).toBe(404);
  });
});

describe('409', () => {
  test('when other changes are always quicker', async () => {
    const { id } = await builtDroplet(portolan, app);
    await portolan.sql(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'lost' using errcode = '40001'; end $$`);
    await portolan.sql('create trigger refuse before insert on operations for each row execute function refuse()');
    try {
      const answer = await remove(id);
      expect([answer.status, answer.body.errors[0].code]).toEqual([409, 10018]);
    } finally {
      await portolan.sql('drop trigger refuse on operations');
    }
  });
});

describe('422', () => {
  test('for the current droplet, with the guid of its app', async () => {
    const { id } = await builtDroplet(portolan, app);
    await makeCurrent(portolan, id);
    const { status, body } = await remove(id);
    expect([status, body.errors[0].code]).toEqual([422, 10008]);
    expect(body.errors[0].detail).toContain(app);
  });

  test('while a deployment of the app is under way that may work towards it', async () => {
    const own = await appIn(portolan, space);
    const { id } = await builtDroplet(portolan, own);
    await operationRow(portolan, { kind: 'deploy.run', state: 'running', resource_type: 'service', resource_id: own });
    const { body } = await remove(id);
    expect(body.errors[0]).toMatchObject({ code: 10008, detail: expect.stringContaining('deployment') });
  });
});
