import fc from 'fast-check';
import { isValidTag, parseReference, parseRepository } from '../../../src/domain/images/reference';

const sha256 = `sha256:${'9f2c'.repeat(16)}`;
const sha512 = `sha512:${'0a'.repeat(64)}`;

const referenceOf = (text: string) => {
  const parsed = parseReference(text);
  if ('problem' in parsed) throw new Error(`${text}: ${parsed.problem.message}`);
  return parsed.value;
};

describe('image references', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx', undefined, false],
    ['example', 'docker.io/library/example', undefined, false],
    ['nginx:1.25-alpine', 'docker.io/library/nginx', '1.25-alpine', false],
    ['acme/shop', 'docker.io/acme/shop', undefined, false],
    ['docker.io/nginx', 'docker.io/library/nginx', undefined, true],
    ['index.docker.io/acme/shop:2', 'docker.io/acme/shop', '2', true],
    ['registry-1.docker.io/library/redis', 'docker.io/library/redis', undefined, true],
    ['hub.docker.com/redis', 'docker.io/library/redis', undefined, true],
    ['localhost/api', 'localhost/api', undefined, true],
    ['localhost:5000/a/b:1', 'localhost:5000/a/b', '1', true],
    ['127.0.0.1:3955/acme/api', '127.0.0.1:3955/acme/api', undefined, true],
    ['[::1]:5000/acme/api:dev', '[::1]:5000/acme/api', 'dev', true],
    ['GHCR.io/acme/shop', 'ghcr.io/acme/shop', undefined, true],
    ['registry.gitlab.com/group/sub/project/image:main', 'registry.gitlab.com/group/sub/project/image', 'main', true],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop', undefined, true],
    ['quay.io/my__org/a.b-c_d', 'quay.io/my__org/a.b-c_d', undefined, true],
    // Without a path behind it, a name with a dot or a port is a repository of Docker Hub and its tag.
    ['localhost:5000', 'docker.io/library/localhost', '5000', false],
    ['node.js', 'docker.io/library/node.js', undefined, false],
  ])('%s is %s', (text, repository, tag, hostGiven) => {
    expect(referenceOf(text)).toMatchObject({ repository, hostGiven });
    expect(referenceOf(text).tag).toBe(tag);
  });

  test('a digest stands after the tag or without one', () => {
    expect(referenceOf(`ghcr.io/acme/shop:2.4.0@${sha256}`)).toMatchObject({
      tag: '2.4.0',
      digest: sha256,
      path: 'acme/shop',
    });
    expect(referenceOf(`nginx@${sha512}`)).toMatchObject({ repository: 'docker.io/library/nginx', digest: sha512 });
    expect(referenceOf(`nginx@${sha512}`)).not.toHaveProperty('tag');
  });

  test.each([
    ['', 'missing'],
    ['ghcr.io/', 'missing'],
    ['Acme/Shop', 'lower case: "acme"'],
    ['acme//shop', 'exactly one "/"'],
    ['acme/shop/', 'exactly one "/"'],
    ['-acme/shop', 'only between them'],
    ['acme/shop.', 'only between them'],
    ['acme/sh op', 'a-z and 0-9'],
    ['nginx:', 'missing'],
    ['nginx:.hidden', 'is no tag'],
    [`nginx:${'1'.repeat(129)}`, 'is no tag'],
    ['nginx@sha256:abc', '64 digits'],
    [`nginx@md5:${'a'.repeat(32)}`, 'is no digest'],
    [`nginx@${sha256.toUpperCase()}`, 'is no digest'],
    ['https://ghcr.io/acme/shop', 'Leave out "http://" or "https://"'],
    ['ghcr.io:port/acme/shop', 'is no registry host'],
    ['-ghcr.io/acme/shop', 'is no registry host'],
    ['$(reboot).x/acme', 'is no registry host'],
    ['acme/shop\n', 'cannot be part'],
  ])('%j is refused and says why', (text, expected) => {
    const parsed = parseReference(text);
    expect('problem' in parsed && `${parsed.problem.message} ${parsed.problem.hint}`).toContain(expected);
  });

  test('the normal form reads back as itself', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,6}([._-]{1,2}[a-z0-9]{1,6}){0,2}$/);
    const host = fc.constantFrom('acme/', 'ghcr.io/', 'localhost/', 'localhost:5000/', 'hub.docker.com/', 'R.example.com:443/');
    fc.assert(
      fc.property(host, fc.array(part, { minLength: 1, maxLength: 4 }), (prefix, parts) => {
        const { repository, host: parsedHost, path } = referenceOf(prefix + parts.join('/'));
        expect(referenceOf(repository)).toMatchObject({ repository, host: parsedHost, path });
      }),
    );
  });

  test('a long wrong name is refused at once', () => {
    const started = performance.now();
    for (const end of ['!', '-', '.', '/']) parseReference(`ghcr.io/${'a'.repeat(200_000)}${end}`);
    parseReference(`${'a-'.repeat(100_000)}.io!/x`);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('imageName', () => {
  test('takes a repository', () => {
    expect(parseRepository('localhost:5000/acme/api')).toMatchObject({
      value: { repository: 'localhost:5000/acme/api' },
    });
  });

  test.each([
    ['nginx:1.25', 'Put the tag into tagFilter.'],
    ['ghcr.io/acme/shop:latest', 'Put the tag into tagFilter.'],
    ['localhost:5000', 'Put the tag into tagFilter. If it is a port, add the repository after it.'],
    [`nginx@${sha256}`, 'Leave out everything from "@" on; deploy a digest by imageDigestId.'],
    [`nginx:1@${sha256}`, 'Leave out everything from "@" on; deploy a digest by imageDigestId.'],
  ])('%s is sent on: %s', (text, hint) => {
    expect(parseRepository(text)).toMatchObject({ problem: { code: 'pattern', hint } });
  });
});

test.each([
  ['latest', true],
  ['example', true],
  ['V1.2_rc-3', true],
  ['_x', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
  ['-x', false],
  ['.x', false],
  ['a b', false],
  ['a:b', false],
  ['a/b', false],
  ['a\n', false],
])('tag %j is valid: %s', (tag, expected) => {
  expect(isValidTag(tag)).toBe(expected);
});
