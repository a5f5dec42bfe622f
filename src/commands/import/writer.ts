import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../domain/canonicalJson';
import { exitCodes } from '../client/exitCodes';
import type { Service } from '../client/service';
import { CommandFailure } from '../client/terminal';
import type { Answered } from './records';
import { Unreadable } from './records';
import type { Line, Report } from './report';

export interface Wishes {
  /** Nothing is written; what would be made has no id. */
  dryRun: boolean;
  /** Whether what differs is changed. */
  update: boolean;
}

/** One object to bring over. */
export interface Copy {
  environment: string;
  kind: string;
  name: string;
  /** Where it is made, and where its like is changed. */
  createAt: string;
  changeAt(id: string): string;
  /** Its envelope in the answer. */
  member: string;
  /** What the object is to be; reading it may find that it is not readable. */
  wanted(): Answered;
  /** Members that say which object it is: they are set once. */
  fixed?: readonly string[];
  /** The object that is there already, in the form of `wanted`. */
  present: Answered | undefined;
}

/** An id that stands for an object which a dry run does not make. */
export const unmade = (kind: string, name: string): string => `(${kind} ${name})`;

/** Makes what is missing and changes what differs; what became of each object is in the report. */
export class Writer {
  constructor(
    private readonly service: Service,
    private readonly wishes: Wishes,
    private readonly report: Report,
  ) {}

  /** The id of the object in the target; undefined when it is not there afterwards. */
  async bring(copy: Copy): Promise<string | undefined> {
    const { environment, kind, name } = copy;
    const end = (outcome: Line['outcome'], reason?: string) =>
      this.report.add({ outcome, environment, kind, name, ...(reason === undefined ? {} : { reason }) });
    try {
      const [outcome, id, reason] = await this.written(copy);
      end(outcome, reason);
      return id;
    } catch (error) {
      if (error instanceof Unreadable) end('left', error.message);
      else if (error instanceof CommandFailure && !endsAll.has(error.exitCode)) {
        const refused = error.exitCode === exitCodes.invalid;
        end(refused ? 'left' : 'failed', refused ? `Portolan refuses it: ${error.message}` : error.message);
      } else throw error;
      // What is there stays usable although it could not be changed.
      return copy.present?.id as string | undefined;
    }
  }

  private async written(copy: Copy): Promise<[Line['outcome'], string, string?]> {
    const wanted = withoutAbsent(copy.wanted());
    const { present, fixed = [] } = copy;
    if (!present) {
      if (this.wishes.dryRun) return ['created', unmade(copy.kind, copy.name)];
      const made = await this.send('POST', copy.createAt, wanted);
      return ['created', (made[copy.member] as Answered).id as string];
    }
    const id = present.id as string;
    const differing = Object.entries(wanted).filter(([name, value]) => !same(value, present[name]));
    const changes = Object.fromEntries(differing.filter(([name]) => !fixed.includes(name)));
    if (differing.length === 0) return ['unchanged', id];
    const names = differing.map(([name]) => name).join(', ');
    if (Object.keys(changes).length === 0) return ['kept', id, `${names} cannot be changed any more`];
    if (!this.wishes.update) return ['kept', id, names];
    if (!this.wishes.dryRun) await this.send('PATCH', copy.changeAt(id), changes);
    return ['updated', id, names];
  }

  private async send(method: string, path: string, body: Answered): Promise<Answered> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const answer = await this.service.ask({ method, path, headers, body: JSON.stringify(body) });
    return (await answer.json()) as Answered;
  }
}

/** Whoever is not let in, or finds nobody there, has no use for further tries. */
const endsAll = new Set<number>([exitCodes.notSignedIn, exitCodes.unavailable, exitCodes.rateLimited]);

const same = (one: unknown, other: unknown): boolean => canonicalJson(one ?? null) === canonicalJson(other ?? null);

const withoutAbsent = (members: Answered): Answered =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
