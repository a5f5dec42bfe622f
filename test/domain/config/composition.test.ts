import { compose } from '../../../src/domain/config/composition';
import { detectLanguage } from '../../../src/domain/config/language';

const parts = [
  { name: 'head', content: 'a: 1\n' },
  { name: 'tail', content: 'b: 2' },
];

describe('composition', () => {
  test('without fragments the content is unchanged', () => {
    expect(compose([], 'x: 1\r\n\n', 'yaml', false)).toBe('x: 1\r\n\n');
  });

  test('fragments in order, then own content, an empty line between, each named', () => {
    expect(compose(parts, 'c: 3\n', 'yaml', false)).toBe(
      '# fragment head\na: 1\n\n# fragment tail\nb: 2\n\n# own content\nc: 3\n',
    );
  });

  test.each(['json', 'xml', 'html', 'binary'])('%s has no comments', (language) => {
    expect(compose(parts, 'c', language, false)).toBe('a: 1\n\nb: 2\n\nc');
  });

  test.each(['plaintext', 'env', 'nginx', 'something-else'])('%s has', (language) => {
    expect(compose(parts, 'c', language, false)).toContain('# own content\nc');
  });

  test('a binary file is composed of nothing', () => {
    expect(compose(parts, 'AAEC', 'plaintext', true)).toBe('AAEC');
  });

  test('a name neither ends its comment nor means anything in it', () => {
    const [line] = compose([{ name: 'a\nb\u2028c ${KEY} {{range servers}}', content: '' }], '', 'yaml', false).split('\n');
    expect(line).toBe('# fragment a b c $${KEY} { {range servers}}');
  });
});

test.each([
  ['notes.txt', 'plaintext'],
  ['README', 'plaintext'],
  ['app.yml', 'yaml'],
  ['APP.YAML', 'yaml'],
  ['a.json', 'json'],
  ['.env', 'env'],
  ['.env.production', 'env'],
  ['prod.env', 'env'],
  ['environment', 'plaintext'],
  ['Cargo.toml', 'toml'],
  ['php.ini', 'ini'],
  ['redis.conf', 'conf'],
  ['nginx.conf', 'nginx'],
  ['nginx-site.conf', 'nginx'],
  ['run.sh', 'sh'],
  ['Dockerfile', 'dockerfile'],
  ['Dockerfile.dev', 'dockerfile'],
  ['api.dockerfile', 'dockerfile'],
  ['pom.xml', 'xml'],
  ['index.html', 'html'],
])('%s is %s', (filename, language) => {
  expect(detectLanguage(filename)).toBe(language);
});
