import { registryHostLedger } from '../../src/store/registryHosts';
import { unique } from '../support/fixtures';
import { type Portolan, startPortolan } from '../support/portolan';

let portolan: Portolan;
let ledger: ReturnType<typeof registryHostLedger>;
beforeAll(async () => {
  portolan = await startPortolan();
  ledger = registryHostLedger(portolan.context.database);
});
afterAll(() => portolan.close());

test('there are as many slots as allowed, and one that is given back is taken again', async () => {
  const host = unique('host');
  const taken = await Promise.all(Array.from({ length: 6 }, () => ledger.takeSlot(host, 4, 60_000)));
  // Those who all come first may miss a free slot, but never share one.
  const more = await Promise.all(Array.from({ length: 4 }, () => ledger.takeSlot(host, 4, 60_000)));
  const held = [...taken, ...more].filter((slot) => slot !== null);
  while (held.length < 4) held.push((await ledger.takeSlot(host, 4, 60_000)) as string);
  expect(new Set(held).size).toBe(4);
  expect(await ledger.takeSlot(host, 4, 60_000)).toBeNull();
  await ledger.releaseSlot(host, held[0] as string);
  expect(await ledger.takeSlot(host, 4, 60_000)).not.toBeNull();
  expect(await ledger.takeSlot(host, 4, 60_000)).toBeNull();
  // A smaller limit counts at once, for those who ask anew.
  await ledger.releaseSlot(host, held[1] as string);
  expect(await ledger.takeSlot(unique('other'), 1, 60_000)).not.toBeNull();
});

test('a slot whose holder died comes back, and is not renewed by the dead', async () => {
  const host = unique('host');
  const dead = (await ledger.takeSlot(host, 1, 60_000)) as string;
  expect(await ledger.takeSlot(host, 1, 60_000)).toBeNull();
  await portolan.sql("update registry_slots set expires_at = now() - interval '1 ms' where host = $1", [host]);
  const next = await ledger.takeSlot(host, 1, 60_000);
  expect(next).not.toBeNull();
  expect(await ledger.renewSlot(host, dead, 60_000)).toBe(false);
  expect(await ledger.renewSlot(host, next as string, 60_000)).toBe(true);
});

test('slots come back after a crash of the database has emptied their table', async () => {
  const host = unique('host');
  await ledger.takeSlot(host, 1, 60_000);
  await portolan.sql('truncate registry_slots');
  expect(await ledger.takeSlot(host, 1, 60_000)).not.toBeNull();
});

test('what a host asked for is known to all, and a pause is never shortened', async () => {
  const host = unique('host');
  expect(await ledger.standing(host)).toEqual({
    pausedUntil: null,
    pauseReason: null,
    limit: null,
    remaining: null,
    resetAt: null,
  });
  const long = new Date(Date.now() + 60_000);
  const short = new Date(Date.now() + 10_000);
  await ledger.note(host, { pausedUntil: long, pauseReason: 'rate_limited' });
  await ledger.note(host, { pausedUntil: short, pauseReason: 'other' });
  await ledger.note(host, { limit: 100, remaining: 7, resetAt: short });
  await ledger.note(host, { remaining: 6 });
  expect(await ledger.standing(host)).toEqual({
    pausedUntil: long,
    pauseReason: 'rate_limited',
    limit: 100,
    remaining: 6,
    resetAt: short,
  });
  await ledger.note(host, { resetAt: null });
  expect((await ledger.standing(host)).resetAt).toBeNull();
});
