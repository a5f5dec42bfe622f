import { environmentsNamedIn, expandServerLoops, type LoopServer } from '../../../src/domain/config/serverLoops';

const server = (name: string, more: Partial<LoopServer> = {}): LoopServer => ({
  id: `id-${name}`,
  name,
  hostname: `${name}.example.com`,
  publicIp: null,
  privateIp: '10.0.0.1',
  tags: [],
  environment: 'prod',
  ...more,
});
const servers = [
  server('web-2', { tags: ['web', 'eu'], privateIp: '10.0.0.2' }),
  server('web-1', { tags: ['web'], publicIp: '192.0.2.1' }),
  server('api-1', { tags: ['api'] }),
  server('old', { environment: 'staging', tags: ['web'] }),
];
const expand = (text: string) => {
  const { text: expanded, errors } = expandServerLoops(text, servers, 'prod');
  expect(errors).toEqual([]);
  return expanded;
};
const errorsOf = (text: string) => {
  const { text: same, errors } = expandServerLoops(text, servers, 'prod');
  expect(same).toBe(text);
  return errors;
};

describe('loops', () => {
  test.each([
    ['by name, of the own environment', '{{range servers}}{{.name}} {{end}}', 'api-1 web-1 web-2 '],
    ['by tag', '{{range servers tag="web"}}{{.name}} {{end}}', 'web-1 web-2 '],
    ['by name pattern', '{{range servers name="api-*"}}{{.name}}{{end}}', 'api-1'],
    ['by name pattern with two stars', '{{range servers name="*e*-1"}}{{.name}}{{end}}', 'web-1'],
    ['by exact name', '{{range servers name="web"}}{{.name}}{{end}}', ''],
    ['by all at once', '{{range servers name="*" tag="eu" environment="prod"}}{{.name}}{{end}}', 'web-2'],
    ['of another environment', '{{range servers environment="staging"}}{{.name}}{{end}}', 'old'],
    ['of an environment that is not there', '[{{range servers environment="x"}}{{.name}}{{end}}]', '[]'],
    [
      'each field',
      '{{range servers name="web-1"}}{{.id}} {{.hostname}} {{.publicIp}} {{.privateIp}} {{.tags}}{{end}}',
      'id-web-1 web-1.example.com 192.0.2.1 10.0.0.1 web',
    ],
    ['an address that is not known is empty', '{{range servers tag="api"}}[{{.publicIp}}]{{end}}', '[]'],
    ['tags with commas between', '{{range servers tag="eu"}}{{.tags}}{{end}}', 'web,eu'],
    ['line ends stay', 'a\n{{range servers tag="web"}}\n- {{ .name }}\n{{ end }}\nb', 'a\n\n- web-1\n\n- web-2\n\nb'],
    ['two of them', '{{range servers tag="api"}}1{{end}}-{{range servers tag="web"}}2{{end}}', '1-22'],
    ['braces around a field', '{{range servers tag="api"}}{"n":"{{.name}}"}{{end}}', '{"n":"api-1"}'],
  ])('%s', (_, template, text) => {
    expect(expand(template)).toBe(text);
  });

  test('other templates stay as they are', () => {
    for (const text of [
      '{{range .Items}}{{.Name}}{{end}}',
      '{{ user }} {{ {{',
      '{{range serversList}}{{end}}',
      '{{end}}',
      '{{.name}}',
    ]) {
      expect(expand(text)).toBe(text);
    }
  });

  test('what a server is called is no template', () => {
    const named = [server('{{range servers}}{{.name}}{{end}}')];
    expect(expandServerLoops('{{range servers}}{{.name}}{{end}}', named, 'prod').text).toBe('{{range servers}}{{.name}}{{end}}');
  });
});

describe('errors have lines and columns', () => {
  test.each([
    [
      'nesting',
      'a\n{{range servers}}\n  {{range servers}}{{end}}{{end}}',
      { line: 3, column: 3, message: 'Loops are not nested.' },
    ],
    ['no end', '\n\n x {{range servers}}', { line: 3, column: 4, message: 'This loop has no {{end}}.' }],
    ['an unknown field', '{{range servers}}\n{{.ip}}{{end}}', { line: 2, column: 1, message: expect.stringContaining('"ip"') }],
    ['an inherited member', '{{range servers}}{{.constructor}}{{end}}', { line: 1, column: 18, message: expect.any(String) }],
    [
      'other braces in a loop',
      '{{range servers}}{{if x}}{{end}}',
      { line: 1, column: 18, message: expect.stringContaining('{{.field}}') },
    ],
    [
      'an unknown filter',
      '{{range servers role="x"}}{{end}}',
      { line: 1, column: 16, message: expect.stringContaining('"role"') },
    ],
    [
      'a filter twice',
      '{{range servers tag="x" tag="y"}}{{end}}',
      { line: 1, column: 24, message: expect.stringContaining('twice') },
    ],
    [
      'a placeholder in a filter',
      '{{range servers tag="${A}"}}{{end}}',
      { line: 1, column: 16, message: expect.stringContaining('Placeholders') },
    ],
    [
      'a filter without quotes',
      '{{range servers tag=x}}{{end}}',
      { line: 1, column: 16, message: expect.stringContaining('written') },
    ],
    ['a trim marker', '{{- range servers}}{{end}}', { line: 1, column: 1, message: expect.stringContaining('trim') }],
  ])('%s', (_, template, error) => {
    expect(errorsOf(template)[0]).toEqual(error);
  });

  test('a text of loops alone is refused, not written', () => {
    const many = Array.from({ length: 1000 }, (_, index) => server(`s${index}`));
    const template = '{{range servers}}0123456789abcdef{{.hostname}}{{end}}'.repeat(10_000);
    expect(expandServerLoops(template, many, 'prod').errors).toEqual([
      { line: 1, column: 1, message: expect.stringContaining('32 MiB') },
    ]);
  });

  test('more loops than anybody can look at servers for are refused', () => {
    const many = Array.from({ length: 1000 }, (_, index) => server(`s${index}`));
    const template = '{{range servers name="z*"}}x{{end}}'.repeat(30_000);
    expect(expandServerLoops(template, many, 'prod').errors).toEqual([
      { line: 1, column: 1, message: expect.stringContaining('too many loops') },
    ]);
    expect(expandServerLoops(template.slice(0, 35 * 1000), many, 'prod')).toEqual({ text: '', errors: [] });
  });

  test('a loop that writes nothing a million times is refused', () => {
    const template = `{{range servers}}${'{{.publicIp}}'.repeat(1_000_000)}{{end}}`;
    const many = Array.from({ length: 100 }, (_, index) => server(`s${index}`));
    expect(expandServerLoops(template, many, 'prod').errors).toHaveLength(1);
  });

  test.each([
    '{{range servers',
    '{{range servers}}',
    '{{range servers}}{{.name}}',
    '{{range servers a="',
    '{{',
    '{{range servers                     ',
    '{{range servers tag="x" ',
  ])('a hostile mebibyte of %s takes no time', (piece) => {
    const started = performance.now();
    expandServerLoops(piece.repeat(Math.ceil((1024 * 1024) / piece.length)), servers, 'prod');
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

test('the environments that loops name are told once each', () => {
  expect(
    environmentsNamedIn(
      '{{range servers environment="b"}}{{end}}{{range servers}}{{end}}{{range servers environment="a"}}{{end}}{{range servers environment="b"}}{{end}}',
    ),
  ).toEqual(['b', 'a']);
});
