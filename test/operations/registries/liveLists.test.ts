import type { Listing } from '../../../src/integrations/oci/client';
import { LiveLists } from '../../../src/operations/registries/liveLists';

const listing = (...entries: string[]): Listing<string> => ({ entries, truncated: false });
const forever = () => new AbortController().signal;

/** A reading that ends when it is told to. */
function gated() {
  const gate = { loads: 0, signal: forever(), open: (_listing: Listing<string>) => {}, fail: (_error: Error) => {} };
  const load = (signal: AbortSignal) => {
    gate.loads++;
    gate.signal = signal;
    return new Promise<Listing<string>>((resolve, reject) => {
      gate.open = resolve;
      gate.fail = reject;
    });
  };
  return { gate, load };
}

describe('a list of a registry', () => {
  test('is read once for all who ask while it is read, and for a while after', async () => {
    const lists = new LiveLists();
    const { gate, load } = gated();
    const asked = Array.from({ length: 50 }, () => lists.read('key', forever(), load));
    gate.open(listing('a'));
    expect(await Promise.all(asked)).toEqual(Array(50).fill(listing('a')));
    expect(await lists.read('key', forever(), load)).toEqual(listing('a'));
    expect(gate.loads).toBe(1);
  });

  test('is read again under another key, and when it was kept long enough', async () => {
    const lists = new LiveLists({ ttlMs: 20 });
    let loads = 0;
    const load = async () => listing(String(++loads));
    expect((await lists.read('a', forever(), load)).entries).toEqual(['1']);
    expect((await lists.read('b', forever(), load)).entries).toEqual(['2']);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect((await lists.read('a', forever(), load)).entries).toEqual(['3']);
  });

  test('is read again after a failure, which everybody who waited is told', async () => {
    const lists = new LiveLists();
    const { gate, load } = gated();
    const asked = [lists.read('key', forever(), load), lists.read('key', forever(), load)];
    gate.fail(new Error('down'));
    for (const one of await Promise.allSettled(asked))
      expect(one).toMatchObject({ status: 'rejected', reason: { message: 'down' } });
    const again = lists.read('key', forever(), load);
    gate.open(listing('up'));
    expect(await again).toEqual(listing('up'));
    expect(gate.loads).toBe(2);
  });

  test('goes on for those who still wait, and is given up with the last of them', async () => {
    const lists = new LiveLists();
    const { gate, load } = gated();
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [lists.read('key', first.signal, load), lists.read('key', second.signal, load)];
    first.abort(new Error('gone'));
    await expect(asked[0]).rejects.toThrow('gone');
    expect(gate.signal.aborted).toBe(false);
    second.abort(new Error('gone too'));
    await expect(asked[1]).rejects.toThrow('gone too');
    expect(gate.signal.aborted).toBe(true);
    const fresh = lists.read('key', forever(), load);
    gate.open(listing('new'));
    expect(await fresh).toEqual(listing('new'));
  });

  test('is given its own time, and what was read until then is passed on', async () => {
    const lists = new LiveLists({ readMs: 20 });
    const load = (signal: AbortSignal) =>
      new Promise<Listing<string>>((resolve) => {
        signal.addEventListener('abort', () => resolve({ entries: ['a'], truncated: true }));
      });
    expect(await lists.read('key', forever(), load)).toEqual({ entries: ['a'], truncated: true });
  });

  test('makes room for another one when there is no more', async () => {
    const lists = new LiveLists({ mostEntries: 4 });
    let loads = 0;
    const load = async () => {
      loads++;
      return listing('a', 'b');
    };
    await lists.read('one', forever(), load);
    await lists.read('two', forever(), load);
    await lists.read('one', forever(), load);
    expect(loads).toBe(3);
  });
});
