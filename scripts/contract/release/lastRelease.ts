import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type Change, compareContracts } from '../diff';
import { type Finding, isObject, type JsonObject } from '../findings';
import { essenceOf } from './essence';
import { compareVersions, type Level, nextVersion, parseVersion, textOf } from './versions';

/** The contract of the last release, as the repository keeps it: a clean clone has it without tags and without history. */

export const releasedPath = join('generated', 'released', 'openapi.json');

/** The released contract of a project; undefined before its first release. */
export function readReleased(folder: string): JsonObject | undefined {
  const path = join(folder, releasedPath);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as JsonObject) : undefined;
}

/** Keeps the present contract as the released one. */
export function writeReleased(folder: string, contract: JsonObject): void {
  const path = join(folder, releasedPath);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, linesOf(essenceOf(contract)));
}

/** A line for each path and each component: compact, and a difference between two releases can be read. */
function linesOf(essence: JsonObject): string {
  const { paths, components, ...head } = essence;
  const members = (value: unknown) => Object.entries(isObject(value) ? value : {});
  const lines = (value: unknown) =>
    members(value)
      .map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`)
      .join(',\n');
  const sections = members(components).map(([name, section]) => `${JSON.stringify(name)}:{\n${lines(section)}\n}`);
  return `${JSON.stringify(head).slice(0, -1)},\n"paths":{\n${lines(paths)}\n},\n"components":{\n${sections.join(',\n')}\n}}\n`;
}

export const readContractOf = (folder: string): JsonObject =>
  parse(readFileSync(join(folder, 'openapi.yaml'), 'utf8'), { maxAliasCount: 100 }) as JsonObject;

export const versionOf = ({ info }: JsonObject): string => (isObject(info) ? String(info.version) : '');

export interface Comparison {
  base: JsonObject;
  head: JsonObject;
  changes: Change[];
  level: Level;
}

/** What requests and answers can show of the difference between two contracts. */
export function compareReleases(before: JsonObject, after: JsonObject): Comparison {
  const [base, head] = [essenceOf(before), essenceOf(after)];
  const changes = compareContracts(JSON.stringify(base), JSON.stringify(head)).filter(isSeen);
  const level = changes.some(({ breaking }) => breaking) ? 'breaking' : changes.length > 0 ? 'compatible' : 'none';
  return { base, head, changes, level };
}

/** The version itself is no change, nor is a component that no operation reaches. */
function isSeen({ pointer, operations, breaking }: Change): boolean {
  if (pointer === '#/info' || pointer.startsWith('#/info/')) return false;
  if (/\/(tags(\/\d+)?|summary|x-release)$/.test(pointer)) return false;
  // What a shared part is called never reaches the wire; what changes where it is used is told there.
  if (!breaking && /^#\/components\/(parameters|headers|responses|requestBodies)\/[^/]+$/.test(pointer)) return false;
  return breaking || operations.length > 0 || !pointer.startsWith('#/components/');
}

/** What is wrong with a version that follows a released one; undefined when nothing is. */
export function versionFault(released: string, present: string, level: Level): string | undefined {
  const [before, now] = [parseVersion(released), parseVersion(present)];
  if (!now) return `The version ${present} is not three numbers, such as 1.4.0.`;
  if (!before) throw new Error(`${releasedPath} has the version ${released}, which is not three numbers.`);
  const least = nextVersion(before, level);
  if (compareVersions(now, least) >= 0) return undefined;
  if (level === 'none') return `The version ${present} is lower than ${released}, which is released.`;
  const what = level === 'breaking' ? 'breaks clients' : 'has something new';
  return `The contract ${what} since ${released}, so its version is ${textOf(least)} at least, not ${present}.`;
}

/** Findings about the version of a project: `npm run contract:check` tells them. */
export function releaseFindings(folder: string, file: string): Finding[] {
  const contract = readContractOf(folder);
  const present = versionOf(contract);
  const line = lineOfVersion(join(folder, 'openapi.yaml'));
  const at = (rule: string, message: string, wayOut: string): Finding => ({
    rule,
    file,
    line,
    pointer: '#/info/version',
    message,
    wayOut,
  });
  const found = packageVersions(folder)
    .filter(([, version]) => version !== present)
    .map(([name, version]) =>
      at('version-agrees', `The contract has the version ${present}, ${name} has ${version}.`, 'Give both the same.'),
    );
  const released = readReleased(folder);
  if (!released) return found;
  const { changes, level } = compareReleases(released, contract);
  const fault = versionFault(versionOf(released), present, level);
  if (fault === undefined) return found;
  const some = changes.filter(({ breaking }) => level !== 'breaking' || breaking);
  const told = some.slice(0, 3).map(({ message }) => message);
  const more = some.length > 3 ? ` and ${some.length - 3} more` : '';
  const reason = told.length === 0 ? '' : ` (${told.join(' ')}${more})`;
  const wayOut =
    'Raise info.version, and the version of package.json and package-lock.json; `npm run contract:diff` tells what has changed.';
  return [...found, at('version-raised', `${fault}${reason}`, wayOut)];
}

function packageVersions(folder: string): [name: string, version: string][] {
  return ['package.json', 'package-lock.json']
    .filter((name) => existsSync(join(folder, name)))
    .map((name) => [name, String(JSON.parse(readFileSync(join(folder, name), 'utf8')).version)]);
}

function lineOfVersion(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.findIndex((line) => /^ {2}version:/.test(line)) + 1 || 1;
}
