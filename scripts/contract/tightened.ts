import { isObject, pointerOf } from './findings';
import { buildContract, type Operation } from './model';
import type { Source } from './source';

/** A change between two contracts, told once however many operations it reaches. */
export interface Change {
  breaking: boolean;
  rule: string;
  message: string;
  /** The contract that the line counts in: what is removed stands only in the base. */
  side: 'base' | 'head';
  line: number;
  pointer: string;
  /** Operations that it reaches, as method and path. */
  operations: string[];
}

/** What breaks clients and is written in `x-` members, which a general tool reads over. */
export function tightenedExtensions(base: Source, head: Source): Change[] {
  const later = new Map(buildContract(head.root).operations.map((one) => [keyOf(one), one]));
  return buildContract(base.root).operations.flatMap((before) => {
    const after = later.get(keyOf(before));
    if (!after) return [];
    return [...tightenedPermission(before, after), ...removedSorts(before, after)].map(({ rule, member, message }) => ({
      breaking: true,
      rule,
      message,
      side: 'head' as const,
      line: head.lineOf([...after.at, member]),
      pointer: pointerOf([...after.at, member]),
      operations: [nameOf(after)],
    }));
  });
}

interface Tightened {
  rule: string;
  member: string;
  message: string;
}

/** Path parameters may be renamed: their names never reach the wire. */
const keyOf = ({ method, path }: Operation) => `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;

const nameOf = ({ method, path }: Operation) => `${method.toUpperCase()} ${path}`;

const rank = ['public', 'any', 'viewer', 'operator', 'admin'];

/** permission-tightened: a credential that was enough before is refused now. */
function tightenedPermission(before: Operation, after: Operation): Tightened[] {
  const [old, now] = [before, after].map(({ node }) => (isObject(node['x-permission']) ? node['x-permission'] : {}));
  if (!old || !now) return [];
  const found: string[] = [];
  if (rank.indexOf(String(now.role)) > rank.indexOf(String(old.role))) found.push(`the role ${now.role} instead of ${old.role}`);
  if (now.scope && now.scope !== old.scope) found.push(`the scope ${now.scope} instead of ${old.scope ?? 'none'}`);
  if (old.self === true && now.self !== true) found.push('a role or scope also on what is the caller’s own');
  return found.map((what) => ({
    rule: 'permission-tightened',
    member: 'x-permission',
    message: `${after.label} now asks for ${what}.`,
  }));
}

/** sort-member-removed: each member sorts in both directions, so the sign does not count. */
function removedSorts(before: Operation, after: Operation): Tightened[] {
  const now = sortable(after);
  return sortable(before)
    .filter((member) => !now.includes(member))
    .map((member) => ({
      rule: 'sort-member-removed',
      member: 'x-sortable',
      message: `${after.label} can no longer be sorted by ${member}.`,
    }));
}

function sortable({ node }: Operation): string[] {
  const list: unknown[] = Array.isArray(node['x-sortable']) ? node['x-sortable'] : [];
  return list.map((member) => String(member).replace(/^-/, ''));
}
