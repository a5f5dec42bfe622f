import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Path, pointerOf } from './findings';
import { buildContract } from './model';
import { ownerOf, reachOf } from './reach';
import { inTemporaryFolder, runRedocly } from './redocly';
import { pathOf, readSource, type Source } from './source';
import { type Change, tightenedExtensions } from './tightened';

export type { Change } from './tightened';

/** Every change from one contract to another, breaking ones first. Throws where one of them is no YAML. */
export function compareContracts(base: string, head: string): Change[] {
  const sources = { base: readable('base', base), head: readable('head', head) };
  const changes = [...redoclyChanges(sources), ...tightenedExtensions(sources.base, sources.head)];
  return merge(changes).sort((a, b) => Number(b.breaking) - Number(a.breaking) || a.line - b.line);
}

interface Sources {
  base: Source;
  head: Source;
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

/**
 * Redocly takes two YAML aliases of one object for one place and reports false removals, so it gets JSON, which has none;
 * the lines come from the pointers.
 */
function redoclyChanges(sources: Sources): Change[] {
  const report = inTemporaryFolder((folder) => {
    for (const side of ['base', 'head'] as const) writeFileSync(join(folder, `${side}.json`), JSON.stringify(sources[side].root));
    return runRedocly(['diff', 'base.json', 'head.json', '--fail-on', 'major', '--format', 'json'], folder);
  });
  const namesOf = { base: operationNames(sources.base), head: operationNames(sources.head) };
  return (report as { changes: RedoclyChange[] }).changes.flatMap((change) =>
    verdictsOf(change).map(({ breaking, rule, message, place }) => {
      const side = place && basename(place.file) === 'base.json' ? 'base' : 'head';
      const at = pathOf(place?.pointer ?? '#');
      return {
        breaking,
        rule,
        message,
        side,
        line: sources[side].lineOf(at),
        pointer: pointerOf(at),
        operations: namesOf[side](at),
      };
    }),
  );
}

/** Redocly passes a verdict only on what can matter; the rest is told by what has changed. */
function verdictsOf(change: RedoclyChange) {
  const rated = change.verdicts.map(({ ruleId, impact, message, location }) => ({
    breaking: impact === 'major',
    rule: ruleId,
    message,
    place: location as Place | undefined,
  }));
  if (rated.length > 0) return rated;
  const rule = `${change.typeName}-${change.kind}`.toLowerCase();
  return [{ breaking: change.impact === 'major', rule, message: tell(change), place: change.revision ?? change.base }];
}

/** Redocly names the first operation that uses a component; a reader wants to know all of them. */
function operationNames(source: Source): (at: Path) => string[] {
  const contract = buildContract(source.root);
  const reach = reachOf(contract);
  return (at) => {
    const owner = ownerOf(at);
    const touched = contract.operations.filter((one) => {
      const inPath = at[0] === 'paths' && at[1] === one.path && (at.length < 3 || at[2] === one.method || at[2] === 'parameters');
      return inPath || reach.get(pointerOf(one.at))?.has(owner);
    });
    return touched.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  };
}

function tell({ kind, property, base, revision, path }: RedoclyChange): string {
  const at = pathOf((revision ?? base)?.pointer ?? path);
  const place = at.slice(at[0] === 'components' ? 1 : at[0] === 'paths' ? 2 : 0).join(' / ') || 'the whole document';
  if (kind !== 'modified' || property === undefined) return `${kind} ${place}.`;
  // What is gone has no place of its own any more.
  const what = at[at.length - 1] === property ? place : `${place} / ${property}`;
  return `${what} changed from ${short(base?.value)} to ${short(revision?.value)}.`;
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
