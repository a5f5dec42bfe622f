import { exitCodes } from '../client/exitCodes';
import { CommandFailure } from '../client/terminal';
import type { Reader } from './reader';
import { type Answered, Unreadable } from './records';
import type { Report } from './report';
import type { Copy, Writer } from './writer';

/** What one environment is copied with. */
export interface Ways {
  source: Reader;
  target: Reader;
  writer: Writer;
  report: Report;
  /** Ids of the target's service types by name. */
  serviceTypes: ReadonlyMap<string, string>;
  progress(text: string): void;
}

export interface Environment {
  name: string;
  sourceId: string;
  /** undefined: a dry run would make it, so nothing is in it. */
  targetId: string | undefined;
}

/** Objects of a list on both sides: those to copy, and those that are there, by natural key. */
export interface Both {
  all: Answered[];
  present: Map<unknown, Answered>;
}

/** From ids of the source to those of the target. */
export type Ids = Map<string, string>;

/** An environment on both sides, and how an object of it is brought over. */
export class BothSides {
  constructor(
    protected readonly ways: Ways,
    protected readonly environment: Environment,
  ) {}

  /** What the list leaves out is read from the detail. */
  protected async whole(listed: Answered, members: string[], path: string, envelope: string): Promise<Answered> {
    const lacks = members.some((member) => listed[member] === undefined);
    return lacks ? this.ways.source.object(`${path}/${idOf(listed)}`, envelope) : listed;
  }

  protected reference(ids: Ids, id: unknown, noun: string): string {
    const known = ids.get(String(id));
    if (known === undefined) throw new Unreadable(`its ${noun} was not copied`);
    return known;
  }

  protected async both(path: string, member: string, key: string): Promise<Both> {
    const { sourceId, targetId, name } = this.environment;
    const { objects: all, partial } = await this.listed(`/api/environments/${sourceId}/${path}`, member, path);
    if (partial) this.note('list', path, `the source handed out ${all.length} objects only, and says that it has more`);
    this.ways.progress(`${name}: ${all.length} ${path.replaceAll('-', ' ')}`);
    const there =
      targetId === undefined ? [] : (await this.ways.target.list(`/api/environments/${targetId}/${path}`, member)).objects;
    return { all, present: new Map(there.map((one) => [one[key], one])) };
  }

  /** An older installation may not know a list at all. */
  private async listed(path: string, member: string, name: string): Promise<{ objects: Answered[]; partial: boolean }> {
    try {
      return await this.ways.source.list(path, member);
    } catch (error) {
      if (!isGone(error)) throw error;
      this.note('list', name, 'the source does not have this list');
      return { objects: [], partial: false };
    }
  }

  protected bring(
    kind: string,
    path: string,
    at: string,
    { present }: Both,
    object: Answered,
    key: string,
    wanted: Copy['wanted'],
    compared: (from: Answered) => Answered,
    member = kind,
  ): Promise<string | undefined> {
    const there = present.get(object[key]);
    return this.ways.writer.bring({
      environment: this.environment.name,
      kind,
      name: nameOf(object, key),
      createAt: `/api/environments/${this.environment.targetId}/${path}`,
      changeAt: (id) => `${at}/${id}`,
      member,
      fixed: [key].filter((one) => one !== 'name'),
      wanted,
      present: there && { ...compared(there), id: there.id },
    });
  }

  protected note(kind: string, name: string, reason: string): void {
    this.ways.report.note(this.environment.name, kind, name, reason);
  }

  protected leave(kind: string, name: string, error: unknown): void {
    if (!(error instanceof Unreadable) && !isGone(error)) throw error;
    const reason = isGone(error) ? `the source does not hand out its content: ${error.message}` : error.message;
    this.ways.report.add({ outcome: 'left', environment: this.environment.name, kind, name, reason });
  }
}

export const isGone = (error: unknown): error is CommandFailure =>
  error instanceof CommandFailure && error.exitCode === exitCodes.notFound;
export const idOf = (from: Answered): string => String(from.id);
export const nameOf = (from: Answered, key: string): string =>
  typeof from[key] === 'string' ? (from[key] as string) : idOf(from);
