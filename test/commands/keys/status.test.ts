import { advice, keyStatus, missingKeys, statusTable } from '../../../src/commands/keys/status';
import type { Keyring } from '../../../src/store/sealing';

const keyring: Keyring = { currentId: 'k2', keys: new Map(['k2', 'k1'].map((id) => [id, Buffer.alloc(32)])) };
const count = (keyId: string, table: string, column: string, n: number) => ({ keyId, table, column, count: n });

test('every configured key is told, and every other one that values need', () => {
  const keys = keyStatus(keyring, [
    count('k1', 'registries', 'token_sealed', 3),
    count('k1', 'secrets', 'value_sealed', 1200),
    count('k9', 'secrets', 'value_sealed', 2),
    count('', 'secrets', 'value_sealed', 1),
  ]);
  expect(keys).toEqual([
    { id: 'k2', state: 'first', values: 0, columns: {} },
    { id: 'k1', state: 'other', values: 1203, columns: { 'registries.token_sealed': 3, 'secrets.value_sealed': 1200 } },
    { id: 'k9', state: 'missing', values: 2, columns: { 'secrets.value_sealed': 2 } },
    { id: '(no record)', state: 'missing', values: 1, columns: { 'secrets.value_sealed': 1 } },
  ]);
  expect(missingKeys(keys).map(({ id }) => id)).toEqual(['k9', '(no record)']);
  expect(statusTable(keys)).toBe(`key          use              values  where
k2           seals and opens       0
k1           opens                 3  registries.token_sealed
                                1200  secrets.value_sealed
                                1203  in all
k9           NOT CONFIGURED        2  secrets.value_sealed
(no record)  NOT CONFIGURED        1  secrets.value_sealed`);
});

test.each([
  [
    [count('k7', 'secrets', 'value_sealed', 1), count('k1', 'secrets', 'value_sealed', 1)],
    /sealed with k7, which is not configured/,
  ],
  [[count('k1', 'secrets', 'value_sealed', 1)], /Run `portolan keys rotate`/],
  [[count('k2', 'secrets', 'value_sealed', 1)], /Nothing needs k1 any more/],
])('the next step', (counts, expected) => expect(advice(keyStatus(keyring, counts))).toMatch(expected));

test('one key alone leaves nothing to do', () => {
  const one: Keyring = { currentId: 'k1', keys: new Map([['k1', Buffer.alloc(32)]]) };
  expect(advice(keyStatus(one, []))).toBe('All values are sealed with the first key.');
});
