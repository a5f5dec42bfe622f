import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { withRelease } from '../../scripts/contract/release/changelog';
import { compareReleases, versionFault } from '../../scripts/contract/release/lastRelease';
import { firstStory, type Story, storyOf } from '../../scripts/contract/release/story';
import { type Level, nextVersion, parseVersion, textOf } from '../../scripts/contract/release/versions';
import { type Any, boat, boats, good, health, schemas, withFault } from './fixtures/faults';

const set = (node: Any, members: Any) => Object.assign(node, members);
const mark = { deprecated: true, 'x-deprecated-since': '2026-11-01', 'x-sunset': '2027-05-01', 'x-successor': 'Use `kind`.' };

/** What is done to a contract, what that is to its clients, and what they are told. */
const pairs: [
  what: string,
  level: Level,
  plant: (d: Any) => unknown,
  section: keyof Story | undefined,
  text: RegExp | undefined,
][] = [
  ['nothing', 'none', () => undefined, undefined, undefined],
  [
    'other words, examples and hints',
    'none',
    (d) => [
      set(boat(d).get, { summary: 'Look', description: 'Look at it.' }),
      set(schemas(d).Boat.properties.name, { description: 'Other.', 'x-hint': 'Other.' }),
      delete health(d).responses['200'].content['application/json'].example,
      set(d.info, { description: 'Other.', version: '9.9.9' }),
    ],
    undefined,
    undefined,
  ],
  ['a component that nothing uses', 'none', (d) => set(schemas(d), { Stray: { type: 'object' } }), undefined, undefined],
  [
    'a new operation',
    'compatible',
    (d) => set(boat(d), { put: { ...boat(d).patch, operationId: 'replaceBoat', summary: 'Replace a boat' } }),
    'added',
    /^`replaceBoat` \(`PUT \/api\/boats\/\{id\}`\): Replace a boat\.$/,
  ],
  [
    'a new path',
    'compatible',
    (d) => set(d.paths, { '/ready': { get: { ...health(d), operationId: 'getReadiness', summary: 'Ready?' } } }),
    'added',
    /^`getReadiness` \(`GET \/ready`\)/,
  ],
  [
    'a new parameter',
    'compatible',
    (d) => boats(d).get.parameters.push({ name: 'flag', in: 'query', description: 'New.', schema: { type: 'string' } }),
    'added',
    /^`listBoats` takes the parameter `flag`\.$/,
  ],
  [
    'a new member of a request',
    'compatible',
    (d) => set(schemas(d).BoatCreate.properties, { mast: { type: 'string' } }),
    'added',
    /^`BoatCreate\.mast` \(`createBoat`\)\.$/,
  ],
  [
    'a further value',
    'compatible',
    (d) => schemas(d).Kind.enum.push('steam'),
    'added',
    /^`Kind` may be `"steam"` \(.*createBoat/,
  ],
  [
    'another default',
    'compatible',
    (d) => set(d.components.parameters.Limit.schema, { default: 50 }),
    'changed',
    /^`Limit`: `default` is `50`, and was `100` \(`listBoats`\)\.$/,
  ],
  [
    'a lower role',
    'compatible',
    (d) => set(boat(d).delete['x-permission'], { role: 'viewer' }),
    'changed',
    /^`deleteBoat`: `x-permission\.role` is `"viewer"`, and was `"operator"`\.$/,
  ],
  [
    'a mark of deprecation',
    'compatible',
    (d) => set(schemas(d).Boat.properties.length, mark),
    'deprecated',
    /^`Boat\.length` of .*`getBoat`.*, goes not before 2027-05-01\. Instead: Use `kind`\.$/,
  ],
  ['a removed operation', 'breaking', (d) => delete boat(d).delete, 'removed', /\(`deleteBoat`\)\.$/],
  [
    'a removed member of an answer',
    'breaking',
    (d) => delete schemas(d).Boat.properties.length,
    'removed',
    /`length`.*`Boat`.*`getBoat`/,
  ],
  [
    'a tighter limit',
    'breaking',
    (d) => set(schemas(d).BoatCreate.properties.name, { maxLength: 20 }),
    'breaking',
    /`name`.*20.*\(`createBoat`\)/,
  ],
  [
    'a higher role',
    'breaking',
    (d) => set(boat(d).get['x-permission'], { role: 'admin' }),
    'breaking',
    /getBoat now asks for the role admin/,
  ],
];

test.each(pairs)('%s: %s', (_what, level, plant, section, text) => {
  const comparison = compareReleases(good(), withFault(plant));
  expect([comparison.level, comparison.changes.filter(() => level === 'none')]).toEqual([level, []]);
  const story = storyOf(comparison);
  if (section && text) expect(story[section]).toContainEqual(expect.stringMatching(text));
  else expect(Object.values(story).flat()).toEqual([]);
});

describe('the version that follows', () => {
  const rows: [released: string, level: Level, least: string][] = [
    ['0.1.0', 'none', '0.1.0'],
    ['0.1.0', 'compatible', '0.1.1'],
    ['0.1.9', 'compatible', '0.1.10'],
    ['0.1.4', 'breaking', '0.2.0'],
    ['1.2.3', 'none', '1.2.3'],
    ['1.2.3', 'compatible', '1.3.0'],
    ['1.2.3', 'breaking', '2.0.0'],
  ];
  test.each(rows)('after %s, %s: %s', (released, level, least) => {
    expect(textOf(nextVersion(parseVersion(released) as never, level))).toBe(least);
    expect(versionFault(released, least, level)).toBeUndefined();
  });

  const faults: [released: string, present: string, level: Level, message: RegExp][] = [
    ['0.1.0', '0.1.0', 'compatible', /has something new since 0\.1\.0, so its version is 0\.1\.1 at least, not 0\.1\.0/],
    ['0.1.0', '0.1.9', 'breaking', /breaks clients since 0\.1\.0, so its version is 0\.2\.0 at least/],
    ['1.2.3', '1.2.4', 'compatible', /is 1\.3\.0 at least/],
    ['1.10.0', '1.9.0', 'none', /1\.9\.0 is lower than 1\.10\.0/],
    ['0.1.0', '0.2.0-rc.1', 'none', /not three numbers/],
    ['0.1.0', '0.02.0', 'none', /not three numbers/],
  ];
  test.each(faults)('after %s, %s is refused when it is %s', (released, present, level, message) => {
    expect(versionFault(released, present, level)).toMatch(message);
  });

  test.each([
    ['0.9.9', '1.0.0', 'breaking'],
    ['0.1.0', '0.4.0', 'compatible'],
  ] as const)('after %s, %s may be higher than asked for', (released, present, level) => {
    expect(versionFault(released, present, level)).toBeUndefined();
  });
});

describe('CHANGELOG.md', () => {
  const story: Story = { ...firstStory({}), added: ['`getBoat`.'] };
  const text = '# Changelog\n\nWords.\n\n## 0.1.0 (2026-01-01)\n\nThe first.\n\n### API\n\n- all\n';

  test('gets a section above the others, which stay', () => {
    const written = withRelease(text, { version: '0.2.0', date: undefined, story });
    expect(written).toBe(
      text.replace(
        '## 0.1.0',
        '## 0.2.0 (unreleased)\n\n### API\n\n<!-- Written by `npm run contract:diff -- --write`. -->\n\n**Added**\n\n- `getBoat`.\n\n## 0.1.0',
      ),
    );
  });

  test('keeps what people have written in a section, and the sections around it', () => {
    const noted = text.replace(
      '## 0.1.0',
      '## 0.1.1 (unreleased)\n\nFaster.\n\n### API\n\nold\n\n### Thanks\n\nTo all.\n\n## 0.1.0',
    );
    const written = withRelease(noted, { version: '0.1.1', date: '2026-02-02', story });
    expect(written).toContain('## 0.1.1 (2026-02-02)\n\nFaster.\n\n### API\n\n<!--');
    expect(written).toContain('- `getBoat`.\n\n### Thanks\n\nTo all.\n\n## 0.1.0 (2026-01-01)');
    expect(written).not.toContain('old');
  });

  test.each([['0.1.0'], ['0.2.0']])('is the same when %s is written twice', (version) => {
    for (const date of [undefined, '2026-02-02']) {
      const once = withRelease(text, { version, date, story });
      expect(withRelease(once, { version, date, story })).toBe(once);
    }
    expect(withRelease('# Changelog\n', { version, date: undefined, story })).toMatch(
      /^# Changelog\n\n## 0\.\d\.0 \(unreleased\)\n/,
    );
  });

  test('does not take 0.1.0 for 0.1.0x or 10.1.0', () => {
    const written = withRelease(text, { version: '10.1.0', date: undefined, story });
    expect(written).toContain('## 10.1.0 (unreleased)');
    expect(written).toContain('## 0.1.0 (2026-01-01)\n\nThe first.\n\n### API\n\n- all\n');
  });
});

describe('the commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const script = (name: string) => resolve(__dirname, `../../scripts/${name}.ts`);
  const run = (name: string, ...args: string[]) => {
    const command = ['--import', require.resolve('tsx'), script(name), ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const write = (version: string, contract: Any = good(), ofPackage = version) => {
    writeFileSync(join(folder, 'openapi.yaml'), stringify({ ...contract, info: { ...contract.info, version } }));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: ofPackage }));
  };
  const changelog = () => readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  const rulesOf = (stdout: string) =>
    (JSON.parse(stdout).problems as { rule: string }[]).map(({ rule }) => rule).filter((rule) => rule.startsWith('version-'));

  test('release a first version, refuse what follows under its number, and write the next one', () => {
    write('0.1.0');
    expect(run('diff-contract')).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing is released yet') });
    expect(run('diff-contract', '--release', '--date', '2026-01-01').status).toBe(0);
    expect(changelog()).toMatch(/^# Changelog\n\n## 0\.1\.0 \(2026-01-01\)\n\n### API\n[\s\S]*- boats \(\d+\): `listBoats`/);
    const first = changelog();
    expect(run('diff-contract', '--release', '--date', '2026-02-02').stdout).toContain('nothing to write');
    expect(changelog()).toBe(first);

    const without = withFault((d) => delete boat(d).delete);
    write('0.1.1', without);
    expect(rulesOf(run('check-contract', '--json').stdout)).toEqual(['version-raised']);
    expect(run('diff-contract')).toMatchObject({ status: 1, stdout: expect.stringContaining('its version is 0.2.0 at least') });
    expect(run('diff-contract', '--release')).toMatchObject({ status: 1, stderr: expect.stringContaining('0.2.0 at least') });
    expect(changelog()).toBe(first);

    write('0.2.0', without, '0.1.0');
    expect(rulesOf(run('check-contract', '--json').stdout)).toEqual(['version-agrees']);
    write('0.2.0', without);
    expect(rulesOf(run('check-contract', '--json').stdout)).toEqual([]);
    expect(run('diff-contract').status).toBe(0);
    expect(run('diff-contract', '--write').status).toBe(0);
    const second = changelog();
    expect(second).toContain('## 0.2.0 (unreleased)\n\n### API\n');
    expect(second).toMatch(/\*\*Removed \(breaking\)\*\*\n\n- .*`deleteBoat`/);
    expect(run('diff-contract', '--write').stdout).toContain('has the API section');
    expect(changelog()).toBe(second);
    expect(run('diff-contract', '--release', '--date', '2026-03-03').status).toBe(0);
    expect(changelog()).toBe(second.replace('0.2.0 (unreleased)', '0.2.0 (2026-03-03)'));
  }, 120_000);
});
