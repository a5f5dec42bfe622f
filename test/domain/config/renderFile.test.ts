import fc from 'fast-check';
import { type FileSources, renderFile } from '../../../src/domain/config/renderFile';
import { hideSecrets, type Value } from '../../../src/domain/config/values';

const plain = (value: string): Value => ({ value, secret: false });
const sources = (own: string, more: Partial<FileSources> = {}): FileSources => ({
  fragments: [],
  own,
  language: 'yaml',
  isBinary: false,
  servers: [],
  environment: 'prod',
  values: new Map(),
  ...more,
});
const web = {
  id: 'i',
  name: 'web',
  hostname: 'h',
  publicIp: null,
  privateIp: null,
  tags: ['${SECRET}'],
  environment: 'prod',
};

describe('a rendered file', () => {
  test('fragments, loops and values together', () => {
    const rendered = renderFile(
      sources('{{range servers}}{{.name}}=${PORT}\n{{end}}$${PORT}', {
        fragments: [{ name: 'head', content: 'host: ${HOST}' }],
        servers: [web],
        values: new Map([
          ['HOST', plain('db')],
          ['PORT', { value: '1', secret: true }],
        ]),
      }),
    );
    expect(rendered).toEqual({
      text: '# fragment head\nhost: db\n\n# own content\nweb=1\n${PORT}',
      missing: [],
      templateErrors: [],
      usedSecrets: true,
    });
  });

  test('neither a value nor a server nor the name of a fragment is read as a template', () => {
    const { text, missing } = renderFile(
      sources('${V}{{range servers}}{{.tags}}{{end}}$', {
        fragments: [{ name: '${SECRET}', content: 'x' }],
        servers: [web],
        values: new Map([
          ['V', plain('{{range servers}}${SECRET}$${SECRET}{{end}}')],
          ['SECRET', plain('canary')],
        ]),
      }),
    );
    expect(missing).toEqual([]);
    expect(text).toBe('# fragment ${SECRET}\nx\n\n# own content\n{{range servers}}${SECRET}$${SECRET}{{end}}${SECRET}$');
  });

  test('a field beside a dollar sign makes no placeholder', () => {
    const servers = [{ ...web, name: '{SECRET}' }];
    const values = new Map([['SECRET', plain('canary')]]);
    expect(renderFile(sources('{{range servers}}${{.name}}{{end}}', { servers, values })).text).toBe('${SECRET}');
  });

  test('a loop that begins in one part and ends in the next is none', () => {
    const servers = [{ ...web, environment: 'other' }];
    const fragments = [
      { name: 'first', content: 'a\n' },
      { name: 'second', content: 'b\n {{range servers' },
    ];
    const own = 'environment="other"}}{{.hostname}}{{end}}';
    const rendered = renderFile(sources(own, { fragments, servers, language: 'json' }));
    expect(rendered.text).toBe(`a\n\nb\n {{range servers\n\n${own}`);
    expect(rendered.templateErrors).toEqual([{ line: 4, column: 17, message: expect.stringContaining('is written') }]);
  });

  test('what is missing in a loop that no server fits is missing', () => {
    expect(renderFile(sources('{{range servers}}${A}{{end}}${B}')).missing).toEqual(['A', 'B']);
  });

  test('errors stop rendering: no value is in the text', () => {
    const values = new Map([['A', plain('canary')]]);
    const { text, templateErrors } = renderFile(sources('${A}\n{{range servers}}', { values }));
    expect(text).toBe('${A}\n{{range servers}}');
    expect(templateErrors).toEqual([{ line: 2, column: 1, message: expect.any(String) }]);
  });

  test('a file that would fill the memory is refused', () => {
    const values = new Map([['A', plain('x'.repeat(64 * 1024))]]);
    const inLoop = `{{range servers}}${'${A}{{.name}}'.repeat(50_000)}{{end}}`;
    for (const own of ['${A}'.repeat(100_000), inLoop]) {
      expect(renderFile(sources(own, { values, servers: [web] })).templateErrors).toHaveLength(1);
    }
  });

  test('binary files are what they are', () => {
    expect(renderFile(sources('${A}', { isBinary: true })).text).toBe('${A}');
  });

  test('hidden secrets are hidden at any length', () => {
    const values = hideSecrets(
      new Map([
        ['A', { value: 'x', secret: true }],
        ['B', plain('y')],
      ]),
    );
    expect(renderFile(sources('${A}${B}', { values })).text).toBe('***y');
  });
});

test('rendering a text without loops is substitution, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (own, value) => {
      fc.pre(!own.includes('{'));
      expect(renderFile(sources(`${own}\n\${A}`, { values: new Map([['A', plain(value)]]) })).text).toBe(`${own}\n${value}`);
    }),
  );
});

test('500 placeholders with 50 fragments are rendered well within a second', () => {
  const values = new Map(Array.from({ length: 500 }, (_, index) => [`KEY_${index}`, plain(`value ${index}`)]));
  const fragments = Array.from({ length: 50 }, (_, part) => ({
    name: `part-${part}`,
    content: Array.from({ length: 10 }, (_, line) => `key${line}: \${KEY_${part * 10 + line}}\n`).join(''),
  }));
  const started = performance.now();
  const { missing, text } = renderFile(sources('own: 1', { fragments, values }));
  expect(performance.now() - started).toBeLessThan(5000);
  expect(missing).toEqual([]);
  expect(text).toContain('value 499');
});
