import { accessOf, anonymousAccess } from '../../src/jobs/registryAccess';
import { seal } from '../../src/store/sealing';
import { testKeyring } from '../support/config';

const id = '01920000-0000-7000-8000-00000000b001';
const sealed = (column: 'token' | 'password', text: string) =>
  seal(testKeyring, { table: 'registries', column, rowId: id }, text);
const row = {
  id,
  name: 'ghcr',
  type: 'generic',
  registry_url: 'ghcr.io',
  repository_prefix: null,
  username: 'ci',
  token_sealed: null,
  password_sealed: sealed('password', 's3cret'),
  is_default: false,
  refresh_interval_minutes: 30,
  auto_link_pattern: null,
} as never as Parameters<typeof accessOf>[0];
const key = (changes: object = {}) => accessOf({ ...row, ...changes }, testKeyring).key;

describe('access to a connection', () => {
  test('has its secrets opened', () => {
    expect(accessOf(row, testKeyring)).toMatchObject({ name: 'ghcr', username: 'ci', password: 's3cret', token: null });
  });

  test.each([
    { type: 'dockerhub' },
    { registry_url: 'quay.io' },
    { repository_prefix: 'acme' },
    { username: 'other' },
    { password_sealed: null },
    { password_sealed: sealed('password', 'other') },
    { token_sealed: sealed('token', 'other') },
    { id: '01920000-0000-7000-8000-00000000b002', password_sealed: null },
  ])('is asked for under another key, with new tokens, when it becomes %j', (changes) => {
    expect(key(changes)).not.toBe(key());
  });

  test.each([
    {},
    { name: 'renamed' },
    { is_default: true },
    { refresh_interval_minutes: 5 },
    { auto_link_pattern: '*' },
    { version: 9 },
  ])('keeps its tokens when it becomes %j', (changes) => {
    expect(key(changes)).toBe(key());
  });

  test('tells nothing of the secrets in its key', () => {
    expect(key()).not.toContain('s3cret');
  });

  test('of nobody is that of a host', () => {
    expect(anonymousAccess('docker.io')).toMatchObject({ type: 'dockerhub', name: 'docker.io', username: null });
    expect(anonymousAccess('ghcr.io')).toMatchObject({ type: 'generic', registryUrl: 'ghcr.io', token: null });
  });
});
