import { openStream } from '../../support/eventStream';
import { token, unique } from '../../support/fixtures';
import { type Portolan, startPortolan, startReplica } from '../../support/portolan';

let portolan: Portolan;
beforeAll(async () => {
  portolan = await startPortolan();
});
afterAll(() => portolan.close());

const ticketOf = async (of?: string) =>
  (await portolan.call('createEventTicket', of === undefined ? {} : { token: of })).body.ticket as string;
const present = (ticket: string, at = portolan) => at.call('streamEvents', { token: null, query: { ticket } });

describe('200', () => {
  test('a ticket opens one stream, at any replica', async () => {
    const replica = await startReplica(portolan);
    const before = Date.now();
    const { status, body, headers } = await portolan.call('createEventTicket');
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body.ticket).toMatch(/^ptl_tkt_[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(body.expiresAt) - before).toBeGreaterThan(59_000);
    expect(Date.parse(body.expiresAt) - before).toBeLessThan(70_000);
    expect((await present(body.ticket, replica)).status).toBe(200);
    for (const at of [portolan, replica]) expect((await present(body.ticket, at)).status).toBe(401);
    await replica.close();
  });

  test('of ten clients with one ticket, one gets a stream', async () => {
    const ticket = await ticketOf();
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await present(ticket)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
  });

  test('only its hash is stored', async () => {
    const ticket = await ticketOf();
    const rows = await portolan.sql('select * from event_tickets');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(ticket);
    for (const row of rows) expect(row.ticket_hash.toString()).not.toContain(ticket);
  });

  test('a retry with the same Idempotency-Key gets the same ticket, and it stays one', async () => {
    const headers = { 'idempotency-key': unique('key') };
    const [first, again] = [
      await portolan.call('createEventTicket', { headers }),
      await portolan.call('createEventTicket', { headers }),
    ];
    expect(again.body).toEqual(first.body);
    expect([(await present(first.body.ticket)).status, (await present(again.body.ticket)).status]).toEqual([200, 401]);
  });

  test('who may read nothing much gets one, that reads no more', async () => {
    const limited = await token(portolan, { role: 'viewer', scopes: ['images:read'] });
    const stream = await openStream(portolan, { token: null, query: `ticket=${await ticketOf(limited.token)}` });
    await portolan.call('createEnvironment', { body: { name: unique('env') } });
    await portolan.sql(
      "insert into events (type, environment_id, resource_type, data) values ('image_update', gen_random_uuid(), 'container_image', '{}')",
    );
    portolan.context.events.announce();
    expect((await stream.atLeast(1)).map(({ event }) => event)).toEqual(['image_update']);
    stream.close();
  });
});

describe('401', () => {
  test('a ticket that is too old', async () => {
    const ticket = await ticketOf();
    await portolan.sql("update event_tickets set expires_at = now() - interval '1 second'");
    const { status, body } = await present(ticket);
    expect([status, body.code, body.message]).toEqual([401, 'UNAUTHORIZED', 'This ticket is unknown, was used, or has expired.']);
  });

  test('a ticket that nobody made, and what is none', async () => {
    for (const ticket of [`ptl_tkt_${'a'.repeat(43)}`, 'x', '', portolan.adminToken]) {
      expect([ticket, (await present(ticket)).status]).toEqual([ticket, 401]);
    }
  });

  test('a ticket ends with the credential that asked for it', async () => {
    const login = (
      await portolan.call('login', {
        token: null,
        body: { email: 'admin@portolan.local', password: 'correct horse battery staple' },
      })
    ).body.token;
    const ofLogin = await ticketOf(login);
    await portolan.call('logout', { token: login });
    expect((await present(ofLogin)).status).toBe(401);

    const revoked = await token(portolan);
    const ofToken = await ticketOf(revoked.token);
    await portolan.call('deleteApiToken', { path: { tokenId: revoked.tokenId } });
    expect((await present(ofToken)).status).toBe(401);

    const disabled = await token(portolan);
    const ofDisabled = await ticketOf(disabled.token);
    await portolan.call('updateUser', { path: { id: disabled.userId }, body: { disabled: true } });
    const answer = await present(ofDisabled);
    expect([answer.status, answer.body.message]).toEqual([401, 'The owner of this token is disabled.']);
  });

  test('a ticket opens nothing but a stream', async () => {
    const ticket = await ticketOf();
    expect((await portolan.send('GET', '/api/auth/me', { token: null, query: { ticket } })).status).toBe(401);
    expect((await present(ticket)).status).toBe(200);
  });

  test('an Authorization header goes before a ticket, which stays unused', async () => {
    const ticket = await ticketOf();
    expect((await portolan.call('streamEvents', { token: 'ptl_pat_none', query: { ticket } })).status).toBe(401);
    expect((await portolan.call('streamEvents', { query: { ticket } })).status).toBe(200);
    expect((await present(ticket)).status).toBe(200);
  });
});
