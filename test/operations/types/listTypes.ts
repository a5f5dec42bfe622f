import { token } from '../../support/fixtures';
import { walkPages } from '../../support/walkPages';
import { type Kind, TypeScene } from './kinds';

export function describeListTypes(kind: Kind): void {
  const scene = new TypeScene(kind);
  // Commas that separate values stay as they are in a query.
  const text = (query: object) => new URLSearchParams(query as Record<string, string>).toString().replaceAll('%2C', ',');
  const list = (query: object = {}) => scene.call('list', 's', { query: text(query) });
  const names = (answer: { body: any }): string[] => answer.body[kind.plural].map(({ name }: { name: string }) => name);
  beforeAll(async () => {
    for (const [name, displayName] of [
      ['test-a', 'Same'],
      ['test-b', 'Same'],
      ['test-c', 'Same'],
      ['test-d', 'Other_100%'],
      ['test-e', 'Zebra'],
    ]) {
      await scene.type({ name, displayName });
    }
  });

  describe('200', () => {
    test('shipped and own types by name, with their number', async () => {
      const answer = await list();
      expect(names(answer)).toEqual([...names(answer)].sort());
      expect(names(answer)).toEqual(expect.arrayContaining(['postgres', 'redis', 'test-a']));
      expect(answer.body.total).toBe(names(answer).length);
      expect(answer.body.nextCursor).toBeNull();
    });

    test('each type is what it is by itself', async () => {
      const [type] = (await list({ name: 'redis' })).body[kind.plural];
      expect(type).toEqual(await scene.get(type.id));
    });

    test.each([
      [{ name: 'test-b' }, ['test-b']],
      [{ name: 'test-b,test-e,nothing' }, ['test-b', 'test-e']],
      [{ source: 'user' }, ['test-a', 'test-b', 'test-c', 'test-d', 'test-e']],
      [{ source: 'user', name: 'redis,test-a' }, ['test-a']],
      [{ source: 'shipped', name: 'redis,test-a' }, ['redis']],
      [{ source: 'shipped,user', name: 'redis,test-a' }, ['redis', 'test-a']],
      [{ q: 'TEST-' }, ['test-a', 'test-b', 'test-c', 'test-d', 'test-e']],
      [{ q: 'zEb' }, ['test-e']],
      [{ q: '0%' }, ['test-d']],
      [{ q: 'r_1' }, ['test-d']],
      [{ q: 't_a' }, []],
      [{ q: 'same', name: 'test-c' }, ['test-c']],
      [{ name: 'none' }, []],
    ])('%j', async (query, expected) => {
      const answer = await list(query);
      expect(names(answer)).toEqual(expected);
      expect(answer.body.total).toBe(expected.length);
    });

    test.each(['name', '-name', 'displayName', '-displayName', '-displayName,name'])(
      'sort=%s: pages of two give every type once',
      async (sort) => {
        const whole = (await list({ sort, limit: 1000 })).body[kind.plural];
        const walked = await walkPages(scene.portolan, `list${kind.name}s` as 'listServiceTypes', kind.plural, 2, {
          query: { sort },
        });
        expect(walked.map(({ id }) => id)).toEqual(whole.map(({ id }: { id: string }) => id));
        const [member, descending] = [sort.split(',')[0]?.replace('-', '') as string, sort.startsWith('-')];
        const keys: string[] = whole.map((row: any) => row[member]);
        const sorted = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(keys).toEqual(descending ? sorted.reverse() : sorted);
      },
    );

    test('offset skips', async () => {
      expect(names(await list({ source: 'user', offset: 3 }))).toEqual(['test-d', 'test-e']);
    });

    test('a viewer and a token that is limited to environments read all types', async () => {
      const limited = await token(scene.portolan, { role: 'viewer', environments: [] });
      const answer = await scene.call('list', 's', { token: limited.token });
      expect(answer.body.total).toBe((await list()).body.total);
    });
  });

  describe('400', () => {
    test.each([
      [{ limit: 0 }, 'limit', 'minimum'],
      [{ limit: 1001 }, 'limit', 'maximum'],
      [{ sort: 'createdAt' }, 'sort', 'enum'],
      [{ source: 'shiped' }, 'source[0]', 'enum'],
      [{ cursor: 'bm9uZQ' }, 'cursor', 'unparsable'],
      [{ nmae: 'x' }, 'nmae', 'unknown_parameter'],
    ])('%j', async (query, field, code) => {
      const answer = await list(query);
      expect([answer.status, answer.body.field, answer.body.details[0].code]).toEqual([400, field, code]);
    });

    test('a misspelt value is answered with the nearest one', async () => {
      expect((await list({ source: 'shiped' })).body.hint).toBe('Did you mean shipped?');
    });

    test('a cursor with another filter, another sort, or an offset', async () => {
      const { nextCursor: cursor } = (await list({ limit: 2 })).body;
      for (const [query, field] of [
        [{ cursor, source: 'user' }, 'cursor'],
        [{ cursor, sort: 'displayName' }, 'cursor'],
        [{ cursor, offset: 1 }, 'offset'],
      ] as const) {
        const answer = await list(query);
        expect([answer.status, answer.body.field]).toEqual([400, field]);
      }
    });
  });
}
