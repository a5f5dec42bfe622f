import { createLocalLedger, type HostLedger, standingAfter, unknownStanding } from '../../../src/integrations/oci/hostLedger';
import { createHostGate } from '../../../src/integrations/oci/wire/hostGate';
import { createHostStandings } from '../../../src/integrations/oci/wire/hostStandings';

/** Slots at hosts: their number, turns, and how processes share them. */

const rest = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** Requests that take `ms`, and what was going on meanwhile. */
function crowd(gate: ReturnType<typeof createHostGate>, ms = 5) {
  const order: string[] = [];
  const state = { now: 0, most: 0 };
  const go = async (key: string, host = 'a') => {
    const leave = await gate.enter(host, key);
    order.push(key);
    state.now++;
    state.most = Math.max(state.most, state.now);
    await rest(ms);
    state.now--;
    leave();
  };
  return { go, order, state };
}

const localGate = (slots: number, ledger = createLocalLedger(), handOverMs = Number.POSITIVE_INFINITY) =>
  createHostGate({ slots: () => slots, ledger, handOverMs, pollMs: 10, lingerMs: 20 });

test('no more requests at a time than there are slots, and as many', async () => {
  const gate = localGate(3);
  const { go, state } = crowd(gate);
  await Promise.all(Array.from({ length: 30 }, (_, index) => go(`${index % 2}`)));
  expect(state.most).toBe(3);
  await gate.close();
});

test('a connection with a hundred requests does not keep another one waiting', async () => {
  const gate = localGate(1);
  const { go, order } = crowd(gate, 1);
  const busy = Array.from({ length: 100 }, () => go('busy'));
  await rest();
  await Promise.all([...busy, go('modest'), go('modest'), go('third')]);
  expect(order.indexOf('modest')).toBeLessThan(5);
  expect(order.indexOf('third')).toBeLessThan(6);
  expect(order.lastIndexOf('modest')).toBeLessThan(8);
  await gate.close();
});

test('hosts do not wait for each other', async () => {
  const gate = localGate(1);
  const leave = await gate.enter('a', 'x');
  (await gate.enter('b', 'x'))();
  leave();
  await gate.close();
});

test('who gives up leaves the line', async () => {
  const gate = localGate(1);
  const leave = await gate.enter('a', 'x');
  const ending = new AbortController();
  const given = gate.enter('a', 'x', ending.signal);
  const patient = gate.enter('a', 'x');
  ending.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  leave();
  leave();
  (await patient)();
  await expect(gate.enter('a', 'x', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  await gate.close();
});

test('two processes share the slots of a host, and both get on', async () => {
  const ledger = createLocalLedger();
  const [first, second] = [localGate(2, ledger, 30), localGate(2, ledger, 30)];
  const state = { now: 0, most: 0 };
  const finished: string[] = [];
  const work = async (gate: typeof first, name: string) => {
    const leave = await gate.enter('a', 'x');
    state.most = Math.max(state.most, ++state.now);
    await rest(4);
    state.now--;
    finished.push(name);
    leave();
  };
  const all = ['first', 'second'].flatMap((name) =>
    Array.from({ length: 60 }, () => work(name === 'first' ? first : second, name)),
  );
  await Promise.all(all);
  expect(state.most).toBeLessThanOrEqual(2);
  const early = finished.slice(0, 60);
  expect(early.filter((name) => name === 'second').length).toBeGreaterThan(5);
  await Promise.all([first.close(), second.close()]);
});

test('a slot is used for many requests in a row, and given back when nobody wants it', async () => {
  const ledger = createLocalLedger();
  let taken = 0;
  let released = 0;
  const counting: HostLedger = {
    ...ledger,
    takeSlot: (...parts) => {
      taken++;
      return ledger.takeSlot(...parts);
    },
    releaseSlot: (...parts) => {
      released++;
      return ledger.releaseSlot(...parts);
    },
  };
  const gate = localGate(1, counting);
  for (let index = 0; index < 20; index++) (await gate.enter('a', 'x'))();
  expect([taken, released]).toEqual([1, 0]);
  await rest(60);
  expect(released).toBe(1);
  await gate.close();
});

test('a slot that ran out is not used any more', async () => {
  const ledger = createLocalLedger();
  let lost = false;
  const gate = createHostGate({
    slots: () => 1,
    ledger: { ...ledger, renewSlot: async () => !lost },
    handOverMs: Number.POSITIVE_INFINITY,
    leaseMs: 20,
    pollMs: 10,
    lingerMs: 20,
  });
  const leave = await gate.enter('a', 'x');
  lost = true;
  await rest(40);
  let entered = false;
  const next = gate.enter('a', 'x').then((done) => {
    entered = true;
    return done;
  });
  leave();
  await rest(30);
  // The ledger still counts the lost one as taken.
  expect(entered).toBe(false);
  lost = false;
  await ledger.releaseSlot('a', 'local-1');
  (await next)();
  await gate.close();
});

test('how many may enter can change: more at once, fewer as soon as those inside leave', async () => {
  let slots = 1;
  const ledger = createLocalLedger();
  const gate = createHostGate({ slots: () => slots, ledger, handOverMs: Number.POSITIVE_INFINITY, pollMs: 10, lingerMs: 20 });
  const inside: (() => void)[] = [];
  let most = 0;
  const enter = () =>
    gate.enter('a', 'x').then((leave) => {
      inside.push(leave);
      most = Math.max(most, inside.length);
    });
  const waiting = Array.from({ length: 6 }, enter);
  await waiting[0];
  await rest(30);
  expect(inside).toHaveLength(1);
  slots = 3;
  inside.shift()?.();
  await Promise.all(waiting.slice(1, 4));
  expect([inside.length, most]).toEqual([3, 3]);
  slots = 1;
  for (const leave of inside.splice(0)) leave();
  await waiting[4];
  await rest(60);
  expect(inside).toHaveLength(1);
  inside.shift()?.();
  await waiting[5];
  inside.shift()?.();
  await gate.close();
});

test('a ledger that fails is no reason to wait for ever', async () => {
  const gate = localGate(1, { ...createLocalLedger(), takeSlot: () => Promise.reject(new Error('no database')) });
  await expect(gate.enter('a', 'x')).rejects.toThrow('no database');
  await gate.close();
});

test('who waits when the gate is closed is told', async () => {
  const gate = localGate(1);
  await gate.enter('a', 'x');
  const waiting = gate.enter('a', 'x');
  const told = expect(waiting).rejects.toThrow('closed');
  await gate.close();
  await told;
});

test('a pause is never shortened, and the rest is replaced', () => {
  const late = new Date(2000);
  const paused = standingAfter(unknownStanding, { pausedUntil: late, pauseReason: 'x', limit: 10, remaining: 3 });
  expect(standingAfter(paused, { pausedUntil: new Date(1000), pauseReason: 'y', remaining: 2 })).toEqual({
    ...paused,
    remaining: 2,
  });
});

test('the ledger is asked once a second, and told of a limit once a second or when it gets scarce', async () => {
  const ledger = createLocalLedger();
  let asked = 0;
  const told: (number | undefined)[] = [];
  const standings = createHostStandings({
    ...ledger,
    standing: (host) => {
      asked++;
      return ledger.standing(host);
    },
    note: (host, seen) => {
      told.push(seen.remaining);
      return ledger.note(host, seen);
    },
  });
  for (let remaining = 50; remaining > 0; remaining--) {
    await standings.noteRateLimit('a', { limit: 100, remaining, resetAt: null });
    expect((await standings.of('a')).remaining).toBe(remaining);
  }
  expect(asked).toBe(1);
  expect(told).toEqual([50, 9]);
});
