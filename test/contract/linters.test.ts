import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Finding } from '../../scripts/contract/findings';
import { lintWithRedocly } from '../../scripts/contract/redocly';
import { lintWithSpectral } from '../../scripts/contract/spectral';

/** `npm run contract:check` shows that the linters find nothing else; here, that each place they are not asked is needed. */

const root = resolve(__dirname, '../..');
const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'linters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The same contract elsewhere, where no exception holds. */
const elsewhere = join(folder, 'contract.yaml');
beforeAll(() => writeFileSync(elsewhere, readFileSync(join(root, 'openapi.yaml'))));

const placeOf = ({ rule, pointer }: Finding) => `${rule} ${pointer}`;

test('without the exceptions of redocly.yaml, just those places are found', () => {
  const exceptions: [string, string[]][] = Object.entries(read('.redocly.lint-ignore.yaml')['openapi.yaml']);
  const excepted = exceptions.flatMap(([rule, places]) => places.map((place) => `redocly/${rule} ${place}`));
  expect(lintWithRedocly(elsewhere).map(placeOf).sort()).toEqual(excepted.sort());
}, 120_000);

test('without the exceptions of .spectral.yaml, just places below those are found', async () => {
  const exceptions: { files: string[]; rules: Record<string, string> }[] = read('.spectral.yaml').overrides;
  const excepted = exceptions.flatMap(({ files, rules }) =>
    files.flatMap((file) => Object.keys(rules).map((rule) => `spectral/${rule} ${decodeURI(file.replace(/^[^#]*/, ''))}`)),
  );
  const found = (await lintWithSpectral(elsewhere)).map(placeOf);
  const exceptionOf = (place: string) => excepted.find((one) => place.startsWith(`${one}/`)) ?? `not excepted: ${place}`;
  expect([...new Set(found.map(exceptionOf))].sort()).toEqual(excepted.sort());
}, 240_000);

test('no rule is switched off', () => {
  const { rules } = read('redocly.yaml') as { rules: Record<string, string> };
  expect(Object.entries(rules).filter(([, severity]) => severity !== 'error')).toEqual([]);
  expect(read('.spectral.yaml').rules).toBeUndefined();
});
