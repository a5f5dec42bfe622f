import fc from 'fast-check';
import { compareVersions, readTag, type VersionTag } from '../../../src/domain/images/tag';

const version = (text: string): VersionTag => {
  const tag = readTag(text);
  if (tag.kind !== 'version') throw new Error(`${text} is read as ${tag.kind}`);
  return tag;
};

describe('version tags', () => {
  test.each([
    ['1', [1], null, '', ''],
    ['v1.2', [1, 2], null, '', ''],
    ['1.25.3', [1, 25, 3], null, '', ''],
    ['4.9.7.1', [4, 9, 7, 1], null, '', ''],
    ['1.25-alpine3.20', [1, 25], null, 'alpine3.20', 'alpine#.#'],
    ['20-slim', [20], null, 'slim', 'slim'],
    ['20-bookworm-slim', [20], null, 'bookworm-slim', 'bookworm-slim'],
    ['v1.2.3-rc.1-alpine', [1, 2, 3], ['rc', 1], 'alpine', 'alpine'],
    ['3.13.0rc1', [3, 13, 0], ['rc', 1], '', ''],
    ['3.13-rc-slim', [3, 13], ['rc'], 'slim', 'slim'],
    ['1.0.0-beta-2', [1, 0, 0], ['beta', 2], '', ''],
    ['2.0.0.RC1', [2, 0, 0], ['rc', 1], '', ''],
    ['5.0.0-M3', [5, 0, 0], ['m', 3], '', ''],
    ['1.0-SNAPSHOT', [1, 0], ['snapshot'], '', ''],
    ['1.2.3-alpine-rc1', [1, 2, 3], ['rc', 1], 'alpine', 'alpine'],
    ['4.8.3.Final', [4, 8, 3], null, 'Final', 'Final'],
    ['1.2.3-1', [1, 2, 3], null, '1', '#'],
    ['9.4.0_jdk17', [9, 4, 0], null, 'jdk17', 'jdk#'],
    ['8.0-mysql', [8, 0], null, 'mysql', 'mysql'],
    ['20260109', [20260109], null, '', ''],
  ])('%s', (text, numbers, prerelease, variant, family) => {
    expect(readTag(text)).toEqual({ kind: 'version', text, numbers, prerelease, variant, family });
  });
});

describe('other tags', () => {
  test.each([
    ['7f3a2b1', 'hash', ''],
    ['sha-7f3a2b1', 'hash', ''],
    ['git-7f3a2b1c', 'hash', ''],
    ['deadbeef', 'hash', ''],
    ['main-7f3a2b1', 'hash', 'main'],
    ['main-sha-7f3a2b1', 'hash', 'main'],
    ['feature-12-7f3a2b1', 'hash', 'feature-#'],
    ['20260109-7f3a2b1', 'hash', '#'],
    ['20260109-a1b2c3d', 'hash', '#'],
    ['latest', 'moving', ''],
    ['main', 'moving', ''],
    ['stable-alpine', 'moving', ''],
    ['example', 'moving', ''],
    ['2026-01-09', 'other', '#-#-#'],
    ['build-9', 'other', 'build-#'],
    ['r1234567', 'other', 'r#'],
    ['1.2.3.4.5', 'other', '#.#.#.#.#'],
    ['8u392', 'other', '#u#'],
    ['1.2.3-', 'other', '#.#.#-'],
    ['1234567890123456', 'other', '#'],
  ])('%s is %s of family %j', (text, kind, family) => {
    expect(readTag(text)).toMatchObject({ kind, family });
  });

  test('a hash is kept without its prefix', () => {
    expect(readTag('main-7f3a2b1')).toMatchObject({ hash: '7f3a2b1' });
  });
});

describe('order of versions', () => {
  test.each([
    ['1.9', '1.10'],
    ['1.2.3-rc.2', '1.2.3-rc.10'],
    ['1.2.3-rc1', '1.2.3'],
    ['1.2.3-alpha', '1.2.3-beta'],
    ['1.2.3-rc', '1.2.3-rc.1'],
    ['1.2.3', '1.2.3.1'],
    ['v1.2', '1.3'],
  ])('%s is before %s', (lower, higher) => {
    expect(compareVersions(version(lower), version(higher))).toBeLessThan(0);
    expect(compareVersions(version(higher), version(lower))).toBeGreaterThan(0);
  });

  test.each([
    ['1', '1.0.0'],
    ['v1.2', '1.2.0.0'],
    ['1.2-rc1', '1.2.0-RC.1'],
    ['1.2-alpine', '1.2'],
  ])('%s and %s are the same version', (a, b) => {
    expect(compareVersions(version(a), version(b))).toBe(0);
  });
});

test('every tag is read, and keeps its text', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/), (text) => {
      const tag = readTag(text);
      expect(tag.text).toBe(text);
      expect(tag.family).not.toMatch(/\d/);
    }),
  );
});
