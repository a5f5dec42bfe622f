import { parse } from 'yaml';
import {
  type ComposeSources,
  composeKeysIn,
  envFileOf,
  filesNotThere,
  keysOfService,
  previewCompose,
  renderCompose,
} from '../../../src/domain/config/compose';
import type { Value } from '../../../src/domain/config/values';

const digest = `sha256:${'5'.repeat(64)}`;
const values = (vars: Record<string, string>, secrets: Record<string, string> = {}) =>
  new Map<string, Value>([
    ...Object.entries(vars).map(([key, value]): [string, Value] => [key, { value, secret: false }]),
    ...Object.entries(secrets).map(([key, value]): [string, Value] => [key, { value, secret: true }]),
  ]);
const sources = (more: Partial<ComposeSources> = {}): ComposeSources => ({
  serviceName: 'shop',
  containerName: 'shop-1',
  template: null,
  image: { repository: 'ghcr.io/acme/shop', tag: '2.4.0', digest },
  files: [],
  ports: [],
  baseEnv: {},
  envOverrides: {},
  values: new Map(),
  ...more,
});
const port = (host: number | null, container: number, hostIp: string | null = null, protocol = 'tcp') => ({
  host,
  container,
  hostIp,
  protocol,
});

describe('without a template', () => {
  test('a document with one service, whose image is pinned', () => {
    expect(renderCompose(sources())).toEqual({
      document: `services:\n  shop-1:\n    image: ghcr.io/acme/shop@${digest}\n    container_name: shop-1\n    restart: unless-stopped\n`,
      errors: [],
      env: [],
      usedSecrets: false,
    });
  });

  test('by tag while no digest is known', () => {
    const image = { repository: 'ghcr.io/acme/shop', tag: '2.4.0', digest: null };
    expect(renderCompose(sources({ image })).document).toContain('image: ghcr.io/acme/shop:2.4.0\n');
  });

  test('variables are in a file that it names, never in it', () => {
    const { document, env } = renderCompose(sources({ baseEnv: { A: 'canary' } }));
    expect(parse(document).services['shop-1'].env_file).toEqual(['./shop-1.env']);
    expect(document).not.toContain('canary');
    expect(env).toEqual([{ key: 'A', value: 'canary', missing: [] }]);
  });

  test('files are mounted to be read only; a dollar sign in a path is one for compose as well', () => {
    const files = [{ filename: 'app.yml', targetPath: '/etc/a:$HOME/app.yml' }];
    const path = '/etc/a:$$HOME/app.yml';
    expect(parse(renderCompose(sources({ files })).document).services['shop-1'].volumes).toEqual([
      { type: 'bind', source: path, target: path, read_only: true },
    ]);
  });

  test('ports as they were seen: wildcards say nothing, what the host does not publish is left out', () => {
    const ports = [
      port(8080, 80),
      port(8080, 80, '0.0.0.0'),
      port(22, 22, '::'),
      port(53, 53, '127.0.0.1', 'udp'),
      port(443, 443, '::1'),
      port(null, 9000),
    ];
    const { document } = renderCompose(sources({ ports }));
    expect(parse(document).services['shop-1'].ports).toEqual(['8080:80', '22:22', '127.0.0.1:53:53/udp', '[::1]:443:443']);
    expect(document).toContain('"22:22"');
  });
});

describe('variables', () => {
  test('overrides win, values are inserted once, and what is missing is named with its variable', () => {
    const { env } = renderCompose(
      sources({
        baseEnv: { A: 'base', B: '${X}', C: '$${X}' },
        envOverrides: { A: 'own', D: '${NONE}' },
        values: values({ X: '${X}' }),
      }),
    );
    expect(env).toEqual([
      { key: 'A', value: 'own', missing: [] },
      { key: 'B', value: '${X}', missing: [] },
      { key: 'C', value: '${X}', missing: [] },
      { key: 'D', value: '${NONE}', missing: ['NONE'] },
    ]);
  });

  test('a file of variables says values as compose reads them', () => {
    const env = Object.entries({ A: 'plain-1', B: 'a b', C: '$x "q" \\', D: 'l1\nl2\r', E: '' });
    expect(envFileOf(env.map(([key, value]) => ({ key, value, missing: [] })))).toBe(
      'A=plain-1\nB="a b"\nC="\\$x \\"q\\" \\\\"\nD="l1\\nl2\\r"\nE=\n',
    );
  });
});

const template = (service: string) => `services:\n  shop-1:\n${service.replace(/^/gm, '    ')}\n`;
const rendered = (service: string, more: Partial<ComposeSources> = {}) => {
  const { document, errors } = renderCompose(sources({ template: template(service), ...more }));
  expect(errors).toEqual([]);
  return document;
};

describe('a template', () => {
  test('facts of the deploy', () => {
    const files = [
      { filename: 'a.yml', targetPath: '/etc/a.yml' },
      { filename: 'b.yml', targetPath: '/etc/b.yml' },
    ];
    const text =
      'x: ${SERVICE_NAME} ${CONTAINER_NAME} ${IMAGE_NAME} ${IMAGE_TAG} ${FULL_IMAGE} ${CONFIG_FILE_1} ${CONFIG_FILE_0_NAME}\ny: ${IMAGE_DIGEST}';
    expect(rendered(text, { files })).toBe(
      template(`x: shop shop-1 ghcr.io/acme/shop 2.4.0 ghcr.io/acme/shop@${digest} /etc/b.yml a.yml\ny: ${digest}`),
    );
  });

  test('values where there are any, else compose may resolve it', () => {
    expect(rendered('x: ${A} ${B} ${c} $D ${E:-1} $${A} $$${A}', { values: values({ A: '1' }) })).toBe(
      template('x: 1 ${B} ${c} $D ${E:-1} $${A} $$1'),
    );
  });

  test('a value with a dollar sign means itself to compose, and is inserted once', () => {
    expect(rendered("x: '${A}'", { values: values({ A: '${B}$C', B: 'no' }) })).toBe(template("x: '$${B}$$C'"));
  });

  test('facts go before values of the same key', () => {
    expect(rendered('x: ${IMAGE_TAG}', { values: values({ IMAGE_TAG: 'no' }) })).toBe(template('x: 2.4.0'));
  });

  test('the file of variables is added to those that it names, and comments stay', () => {
    const more = { baseEnv: { A: '1' } };
    for (const [present, expected] of [
      ['image: x # kept', ['./shop-1.env']],
      ['image: x # kept\nenv_file: ./other.env', ['./other.env', './shop-1.env']],
      [
        'image: x # kept\nenv_file: [a.env, { path: b.env, required: false }]',
        ['a.env', { path: 'b.env', required: false }, './shop-1.env'],
      ],
    ] as const) {
      const document = rendered(present, more);
      expect(parse(document).services['shop-1'].env_file).toEqual(expected);
      expect(document).toContain('# kept');
    }
  });

  test.each(['environment: { A: own }', 'environment: [A=own]', 'environment:\n  - A'])('%s: its own variable stays', (own) => {
    const one = renderCompose(sources({ template: template(own), baseEnv: { A: '1' } }));
    expect([one.env, one.document]).toEqual([[], template(own)]);
    const two = renderCompose(sources({ template: template(own), baseEnv: { A: '1', B: '2' } }));
    expect(two.env.map(({ key }) => key)).toEqual(['B']);
  });

  test('merge keys count as its own', () => {
    const text = 'x-env: &env\n  environment: { A: own }\nservices:\n  shop-1:\n    <<: *env\n    image: x\n';
    expect(renderCompose(sources({ template: text, baseEnv: { A: '1' } })).env).toEqual([]);
  });
});

describe('no compose document', () => {
  test.each([
    ['services: [', 'This is no YAML'],
    ['services:\n  a: *b\n  shop-1: {}', 'This YAML cannot be read'],
    ['x: [1', 'This is no YAML'],
    ['a: 1\n---\nb: 2', 'This is no YAML'],
    ['services:\n  other: {}', 'There is no service "shop-1"'],
    ['services:\n  shop-1: null', 'There is no service "shop-1"'],
    ['x: &x {}\nservices:\n  shop-1: *x', 'An alias is not enough'],
    ['', 'There is no service "shop-1"'],
    ['just text', 'There is no service "shop-1"'],
  ])('%j', (text, message) => {
    const { errors, document } = renderCompose(sources({ template: text }));
    expect(document).toBe('');
    expect(errors).toEqual([{ line: expect.any(Number), column: expect.any(Number), message: expect.stringContaining(message) }]);
  });

  test('with the line of it', () => {
    expect(renderCompose(sources({ template: 'services:\n  shop-1:\n    a: "x' })).errors[0]).toMatchObject({ line: 3 });
  });

  test('nesting without end and aliases of aliases are refused', () => {
    const laughs = `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`).join('\n')}\nservices: { shop-1: {} }`;
    for (const text of ['['.repeat(50_000), '- '.repeat(50_000), '? '.repeat(1000), '{a: '.repeat(2000), laughs])
      expect(renderCompose(sources({ template: text })).errors).toHaveLength(1);
  });

  test('a document that would fill the memory is refused', () => {
    const more = { values: values({ A: 'x'.repeat(64 * 1024) }) };
    expect(renderCompose(sources({ template: template(`x: "${'${A}'.repeat(10_000)}"`), ...more })).errors).toHaveLength(1);
  });

  test.each([
    '[',
    '{',
    '- ',
    'a: ',
    '? ',
    '"',
    "'",
    '&a ',
    '*a ',
    '!a ',
    '%',
    '|\n',
    '#',
    '\t',
    'a:\n ',
    '- a\n',
    ', ',
    '${A}',
    '$$',
  ])('a hostile template of %j takes no time', (piece) => {
    const started = performance.now();
    renderCompose(sources({ template: piece.repeat(Math.floor((256 * 1024) / piece.length)) }));
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('the preview', () => {
  const withSecret = (service: string, secret: string) =>
    previewCompose(sources({ template: template(service), values: values({}, { S: secret }), baseEnv: { A: '${S}' } }));

  test('secrets of any length are hidden, whatever they would mean to YAML', () => {
    for (const secret of ['x', 'hunter22', '12345', 'true', '*star']) {
      const { document, errors } = withSecret('image: "a:${S}"\nx: ${S}', secret);
      expect(document).not.toContain(secret === 'x' ? ': x' : secret);
      expect(document).toContain('image: "a:***"\n    x: ***\n');
      expect(errors).toEqual(
        secret === '*star' ? [expect.objectContaining({ message: expect.not.stringContaining('star') })] : [],
      );
    }
  });

  test('the word that stands for them may stand in the template', () => {
    expect(withSecret('x: hidden-secret ${S}', 'canary').document).toContain('x: hidden-secret ***');
  });

  test('nothing of a secret is told in an error', () => {
    const { errors } = withSecret('x: "${S}', 'canary');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('canary');
  });
});

test('the keys of a service are those of values, in its template and its variables', () => {
  expect(composeKeysIn('${A} $${B} $$${C} ${IMAGE_TAG} ${CONFIG_FILE_12_NAME} ${A}')).toEqual(['A', 'C']);
  expect(keysOfService('${A}', { X: '${B} $${C}', Y: '${A}' })).toEqual(['A', 'B']);
  expect(keysOfService(null, {})).toEqual([]);
});

test('files that are not there', () => {
  expect(filesNotThere('${CONFIG_FILE_0} ${CONFIG_FILE_1_NAME} ${CONFIG_FILE_2}', 1)).toEqual([
    'CONFIG_FILE_1_NAME',
    'CONFIG_FILE_2',
  ]);
});
