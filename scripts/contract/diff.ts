import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inTemporaryFolder, runRedocly } from './redocly';
import { pathOf, readSource, type Source } from './source';
import { type Change, tightenedExtensions } from './tightened';

export type { Change } from './tightened';

/** Every change from one contract to another, breaking ones first. Throws where one of them is no YAML. */
export function compareContracts(base: string, head: string): Change[] {
  const sources = { base: readable('base', base), head: readable('head', head) };
  const changes = [...redoclyChanges(base, head), ...tightenedExtensions(sources.base, sources.head)];
  return merge(changes).sort((a, b) => Number(b.breaking) - Number(a.breaking) || a.line - b.line);
}

function readable(name: string, text: string): Source {
  const source = readSource(name, text);
  const fault = source.problems.find(({ rule }) => rule === 'yaml-syntax');
  if (fault) throw new Error(`The ${name} contract cannot be read, line ${fault.line}: ${fault.message}`);
  return source;
}

interface Place {
  file: string;
  pointer: string;
  line: number;
  value?: unknown;
}
interface RedoclyChange {
  path: string;
  typeName: string;
  kind: 'added' | 'removed' | 'modified';
  impact: 'major' | 'minor' | 'patch';
  verdicts: { ruleId: string; impact: string; message: string; location: Place }[];
  property?: string;
  base?: Place;
  revision?: Place;
}

function redoclyChanges(base: string, head: string): Change[] {
  return inTemporaryFolder((folder) => {
    writeFileSync(join(folder, 'base.yaml'), base);
    writeFileSync(join(folder, 'head.yaml'), head);
    const report = runRedocly(['diff', 'base.yaml', 'head.yaml', '--fail-on', 'major', '--format', 'json'], folder);
    return (report as { changes: RedoclyChange[] }).changes.flatMap(toChanges);
  });
}

/** Redocly passes a verdict only on what can matter; the rest is told by what has changed. */
function toChanges(change: RedoclyChange): Change[] {
  const operations = operationOf(change.path);
  if (change.verdicts.length > 0) {
    return change.verdicts.map(({ ruleId, impact, message, location }) => ({
      breaking: impact === 'major',
      rule: ruleId,
      message,
      ...sideOf(location),
      operations,
    }));
  }
  const place = change.revision ?? change.base;
  const rule = `${change.typeName}-${change.kind}`.toLowerCase();
  return [{ breaking: change.impact === 'major', rule, message: tell(change), ...sideOf(place), operations }];
}

function sideOf(place: Place | undefined): Pick<Change, 'side' | 'line' | 'pointer'> {
  const side = place && basename(place.file) === 'base.yaml' ? 'base' : 'head';
  return { side, line: place?.line ?? 1, pointer: place?.pointer ?? '#' };
}

function operationOf(pointer: string): string[] {
  const [paths, path, method] = pathOf(pointer);
  if (paths !== 'paths' || !path) return [];
  return [/^(?:get|put|post|delete|patch|head|options|trace)$/.test(method ?? '') ? `${method?.toUpperCase()} ${path}` : path];
}

function tell({ kind, property, base, revision, path }: RedoclyChange): string {
  const at = pathOf((revision ?? base)?.pointer ?? path);
  const place = at.slice(at[0] === 'components' ? 1 : at[0] === 'paths' ? 2 : 0).join(' / ') || 'the whole document';
  if (kind !== 'modified' || property === undefined) return `${kind} ${place}.`;
  return `${place} changed from ${short(base?.value)} to ${short(revision?.value)}.`;
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** A component that many operations use changes once. */
function merge(changes: Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of changes) {
    const key = JSON.stringify([change.rule, change.message, change.side, change.pointer]);
    const known = merged.get(key);
    if (known) known.operations = [...new Set([...known.operations, ...change.operations])];
    else merged.set(key, { ...change });
  }
  return [...merged.values()];
}
