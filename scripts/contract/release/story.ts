import { type Deprecation, deprecationsOf } from '../deprecations';
import type { Change } from '../diff';
import { isObject, type JsonObject, type Path } from '../findings';
import { buildContract, follow, type Operation, valueAt } from '../model';
import { pathOf } from '../source';
import type { Comparison } from './lastRelease';

/** What has changed, in words for people who call the operations. */
export interface Story {
  breaking: string[];
  removed: string[];
  added: string[];
  changed: string[];
  deprecated: string[];
}

type Line = [section: keyof Story, text: string];

/** Tells a comparison. The order is that of the contract; each line stands once. */
export function storyOf({ base, head, changes }: Pick<Comparison, 'base' | 'head' | 'changes'>): Story {
  const story: Story = { breaking: [], removed: [], added: [], changed: [], deprecated: newDeprecations(base, head) };
  const teller = new Teller(base, head);
  const told = changes.filter((change) => !isMark(change) && !isHeader(change)).flatMap((change) => teller.tell(change));
  const lines = [...told, ...teller.headers(changes.filter(isHeader))];
  for (const [section, text] of lines) if (!story[section].includes(text)) story[section].push(text);
  return story;
}

/** The story of a first release: everything is new. */
export function firstStory(head: JsonObject): Story {
  const families = new Map<string, string[]>();
  for (const { label, node } of buildContract(head).operations) {
    const family = Array.isArray(node.tags) ? String(node.tags[0]) : 'others';
    families.set(family, [...(families.get(family) ?? []), `\`${label}\``]);
  }
  const added = [...families].map(([family, names]) => `${family} (${names.length}): ${names.join(', ')}`);
  return { breaking: [], removed: [], added, changed: [], deprecated: newDeprecations({}, head) };
}

function newDeprecations(base: JsonObject, head: JsonObject): string[] {
  const key = ({ kind, name, since, sunset }: Deprecation) => JSON.stringify([kind, name, since, sunset]);
  const before = new Set(deprecationsOf(base).map(key));
  return deprecationsOf(head)
    .filter((one) => !before.has(key(one)))
    .map(({ name, kind, sunset, successor, operations }) => {
      const of = kind === 'operation' ? '' : ` of ${list(operations)}`;
      return `\`${name}\`${of}, goes not before ${sunset}. Instead: ${successor.replaceAll('\n', ' ')}`;
    });
}

const isMark = ({ pointer, breaking }: Change): boolean =>
  !breaking && /\/(deprecated|x-deprecated-since|x-sunset|x-successor)$/.test(pointer);
const isHeader = ({ rule, breaking }: Change): boolean => !breaking && rule === 'header-added';

/** Names in words: all of a few, else some. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, names.length > 5 ? 3 : 5).map((name) => `\`${name}\``);
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ');
}

const withStop = (text: string): string => (text.endsWith('.') ? text : `${text}.`);
const short = (value: unknown): string => (value === undefined ? 'nothing' : `\`${JSON.stringify(value)}\``);

class Teller {
  private readonly operations: Record<'base' | 'head', Operation[]>;

  constructor(
    private readonly base: JsonObject,
    private readonly head: JsonObject,
  ) {
    this.operations = { base: buildContract(base).operations, head: buildContract(head).operations };
  }

  tell(change: Change): Line[] {
    const at = pathOf(change.pointer);
    const names = this.namesOf(change);
    if (change.breaking) return [[isRemoval(change.rule) ? 'removed' : 'breaking', this.withNames(change.message, names)]];
    if (at[0] === 'paths' && at.length <= 3) return this.newOperations(at);
    if (change.rule === 'parameter-added' && at[0] === 'paths') return this.newParameter(at, names);
    if (at[at.length - 2] === 'responses' && change.rule === 'response-added') {
      return [['added', `${list(names)} can answer ${at[at.length - 1]}.`]];
    }
    if (at[0] === 'components' && at[1] === 'schemas') return this.ofSchema(change, at, names);
    return [this.ofValue(change, at, names)];
  }

  /** One line for each header, whatever the number of answers that carry it. */
  headers(changes: readonly Change[]): Line[] {
    const carriers = new Map<string, Set<string>>();
    for (const change of changes) {
      const at = pathOf(change.pointer);
      const header = at[at.length - 1] as string;
      carriers.set(header, new Set([...(carriers.get(header) ?? []), ...this.namesOf(change)]));
    }
    return [...carriers].map(([header, names]) => ['added', `Answers of ${list([...names])} carry \`${header}\`.`]);
  }

  /** operationIds of `GET /api/boats`. */
  private namesOf({ operations, side }: Change): string[] {
    const all = [...this.operations[side], ...this.operations.head];
    return operations.map((one) => all.find(({ method, path }) => `${method.toUpperCase()} ${path}` === one)?.label ?? one);
  }

  private withNames(text: string, names: readonly string[]): string {
    return names.length === 0 ? withStop(text) : `${text.replace(/\.$/, '')} (${list(names)}).`;
  }

  private newOperations(at: Path): Line[] {
    return this.operations.head
      .filter(({ path, method }) => path === at[1] && (at.length < 3 || method === at[2]))
      .filter(({ label }) => !this.operations.base.some((known) => known.label === label))
      .map(({ label, method, path, node }) => {
        const summary = typeof node.summary === 'string' ? `: ${node.summary}` : '';
        return ['added', `\`${label}\` (\`${method.toUpperCase()} ${path}\`)${summary}.`];
      });
  }

  private newParameter(at: Path, names: readonly string[]): Line[] {
    const found = follow(this.head, valueAt(this.head, at), at);
    const where = found?.node.in === 'header' ? 'the header' : 'the parameter';
    return [['added', `${list(names)} ${names.length === 1 ? 'takes' : 'take'} ${where} \`${String(found?.node.name)}\`.`]];
  }

  private ofSchema(change: Change, at: Path, names: readonly string[]): Line[] {
    const place = memberPlace(at);
    if (change.rule === 'schema-added') {
      return at.length === 3 ? [] : [['added', this.withNames(`\`${place.name}\``, names)]];
    }
    if (place.keyword === 'enum') {
      const values = (root: JsonObject) => (valueAt(root, at) as unknown[] | undefined) ?? [];
      const more = values(this.head).filter((value) => !values(this.base).includes(value));
      if (more.length > 0) return [['added', this.withNames(`\`${place.name}\` may be ${more.map(short).join(', ')}`, names)]];
    }
    return [this.ofValue(change, at, names, place)];
  }

  /** What something is now, and was. */
  private ofValue(change: Change, at: Path, names: readonly string[], place = memberPlace(at)): Line {
    const [was, is] = [valueAt(this.base, at), valueAt(this.head, at)];
    const isPlain = (value: unknown) => !isObject(value) && (!Array.isArray(value) || value.every((one) => !isObject(one)));
    if (!isPlain(was) || !isPlain(is) || (was === undefined && is === undefined)) {
      return [change.rule.endsWith('-added') ? 'added' : 'changed', this.withNames(change.message, names)];
    }
    const subject = place.name === '' ? list(names) : `\`${place.name}\``;
    const text = `${subject}: \`${place.keyword}\` is ${short(is)}, and was ${short(was)}`;
    return ['changed', place.name === '' ? withStop(text) : this.withNames(text, names)];
  }
}

/** `path-removed`, `property-removed`; what is no longer required is not removed. */
const isRemoval = (rule: string): boolean => /-removed$/.test(rule) && !rule.startsWith('required-');

/** `BoatCreate.name` and `maxLength` of components/schemas/BoatCreate/properties/name/maxLength. */
function memberPlace(at: Path): { name: string; keyword: string } {
  const component = at[0] === 'components';
  const names: string[] = component ? [at[2] as string] : [];
  const rest = at.slice(3);
  const keywords: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    if (component && rest[i] === 'properties' && i + 1 < rest.length) {
      names.push(rest[++i] as string);
      keywords.length = 0;
    } else if (rest[i] === 'items' && i + 1 < rest.length) names[names.length - 1] += '[]';
    else if (rest[i] !== 'schema') keywords.push(rest[i] as string);
  }
  return { name: names.join('.'), keyword: keywords.join('.') };
}
