import type { OperationId } from '../../generated/operations';
import { operations } from '../../generated/operations';
import validators from '../../generated/validators';
import { type Issue, invalid, Problem } from '../domain/errors';
import { isId } from '../domain/ids';
import { type CursorValue, decodeCursor, type PageRequest, parseSort, type SortKey, signatureOf } from '../domain/lists/cursor';
import { issuesOf } from './issues';
import type { OperationFacts } from './operationFacts';
import { parseQuery } from './requestQuery';
import { etagOf } from './respond';

type Query = Record<string, unknown>;

interface InputParts {
  path: Record<string, string>;
  rawQuery: string;
  /** undefined when nothing was sent. */
  body: unknown;
  /** What is wrong with the body already: nothing of these members is told twice. */
  bodyIssues?: readonly Issue[];
  header(name: string): string | undefined;
  /** The resource as it is answered; left out: as the handler has it. */
  shown?(resource: unknown): unknown;
}

const ifMatchForm = /^(\*|(W\/)?"[^"]*"(\s*,\s*(W\/)?"[^"]*")*)$/;

/**
 * A request as a handler sees it. Everything is checked here, at once and without I/O; what is wrong comes out when the
 * handler asks for its input, so that an unknown id is told first.
 */
export class CheckedRequest {
  readonly path: Record<string, string>;
  readonly header: (name: string) => string | undefined;
  private readonly values: Query;
  private readonly issues: Issue[];

  constructor(
    readonly operationId: OperationId,
    private readonly parts: InputParts,
    private readonly facts: OperationFacts = operations[operationId],
  ) {
    this.path = parts.path;
    this.header = parts.header;
    const query = parseQuery(parts.rawQuery, facts.query);
    this.values = query.values;
    this.issues = [...this.bodyIssues(), ...query.issues, ...this.queryIssues(query.issues), ...this.headerIssues()];
  }

  /** Refuses bad input, whether or not a handler asked for it. */
  requireValid(): void {
    if (this.issues.length > 0) throw invalid(this.issues);
  }

  body(): unknown {
    this.requireValid();
    return this.parts.body ?? {};
  }

  query(): Query {
    this.requireValid();
    return this.values;
  }

  async page(parentFirst?: () => Promise<unknown>): Promise<{ query: Query; page: PageRequest }> {
    const page = this.issues.length === 0 ? this.pageRequest() : undefined;
    if (page && !Array.isArray(page)) return { query: this.values, page };
    await parentFirst?.();
    throw invalid(page ?? this.issues);
  }

  precondition(version: number, view: () => unknown): void {
    this.requireValid();
    const header = this.header('if-match');
    if (header === undefined || header.trim() === '*') return;
    const versions = [...header.matchAll(/"([^".]*)[^"]*"/g)].map((match) => match[1]);
    if (versions.includes(String(version))) return;
    throw new Problem('precondition_failed', {
      message: 'The object was changed since you read it.',
      hint: 'Read it again, apply your change to what you see, and send the new ETag.',
      details: { currentEtag: etagOf(version, JSON.stringify(this.parts.shown?.(view()) ?? view())) },
    });
  }

  private bodyIssues(): Issue[] {
    const { body } = this.parts;
    const taken = this.facts.body;
    if (!taken) return unexpectedBody(body);
    if (body === undefined) {
      if (!taken.required) return [];
      return [{ in: 'body', field: '', code: 'required', message: 'A body is required.', hint: `Send a ${taken.schema}.` }];
    }
    const { bodyIssues: known = [] } = this.parts;
    const validate = validators[`body_${this.operationId}`];
    if (!validate || validate(body)) return [...known];
    const fields = new Set(known.map((issue) => issue.field));
    const found = issuesOf(validate.errors ?? [], body, 'body', this.facts);
    return [...known, ...found.filter((issue) => !fields.has(issue.field))];
  }

  private queryIssues(unreadable: Issue[]): Issue[] {
    const validate = validators[`query_${this.operationId}`];
    if (!validate || validate(this.values)) return [];
    const fields = new Set(unreadable.map((issue) => issue.field));
    const issues = issuesOf(validate.errors ?? [], this.values, 'query', this.facts);
    return issues.filter((issue) => !fields.has(issue.field));
  }

  private headerIssues(): Issue[] {
    const header = this.header('if-match');
    if (header === undefined || this.facts.method === 'get' || ifMatchForm.test(header.trim())) return [];
    const message = 'Must be an entity tag in double quotes, or *.';
    return [
      {
        in: 'header',
        field: 'If-Match',
        code: 'format',
        message,
        hint: 'Send the ETag of an answer as it came, quotes included.',
      },
    ];
  }

  /** The page, or what is wrong with sort, cursor and offset. */
  private pageRequest(): PageRequest | Issue[] {
    const { limit = 100, offset, page, cursor, sort: sortText, ...filters } = this.values as Record<string, never>;
    const sort = this.sortKeys(sortText);
    if (!Array.isArray(sort)) return [sort];
    const signature = signatureOf(JSON.stringify([this.operationId, this.path, sort, filters]));
    if (page !== undefined && (offset ?? cursor) !== undefined)
      return [notTogether('page', offset === undefined ? 'cursor' : 'offset')];
    if (cursor === undefined) {
      return { limit, offset: page === undefined ? (offset ?? 0) : (page - 1) * limit, sort, after: null, signature };
    }
    if (offset !== undefined) return [notTogether('offset', 'cursor')];
    const after = decodeCursor(
      cursor,
      signature,
      sort.length + 1,
      (value, index) => index < sort.length || this.endsCursor(value),
    );
    if (after) return { limit, offset: 0, sort, after, signature };
    const message = 'This cursor is none, or belongs to a list with another sort or other filters.';
    return [{ in: 'query', field: 'cursor', code: 'unparsable', message, hint: 'Start again without cursor.' }];
  }

  /** The key of a row: an id, or a name, as of what a registry lists. */
  private endsCursor(value: CursorValue): boolean {
    return this.facts.outside || this.facts.listKey === 'name' ? typeof value === 'string' : isId(String(value));
  }

  private sortKeys(text: string | undefined): SortKey[] | Issue {
    const sortable = this.facts.sortable ?? [];
    const keys = parseSort(text ?? this.facts.defaultSort ?? '', sortable);
    if (Array.isArray(keys)) return keys;
    const message = `"${keys.unknown}" cannot be sorted by, or stands twice.`;
    return {
      in: 'query',
      field: 'sort',
      code: 'enum',
      message,
      hint: `Sort by ${sortable.join(', ')}; - in front for descending.`,
    };
  }
}

/** Two ways to say where a page begins. */
const notTogether = (field: string, other: string): Issue => ({
  in: 'query',
  field,
  code: 'inconsistent',
  message: `Not together with ${other}.`,
  hint: 'Send one of both.',
});

/** An operation that takes no body may get `{}`, as generated clients send it. */
function unexpectedBody(body: unknown): Issue[] {
  if (body === undefined || body === null) return [];
  const hint = 'Leave the body out.';
  if (typeof body !== 'object' || Array.isArray(body)) {
    return [{ in: 'body', field: '', code: 'type', message: 'This operation takes no body.', hint }];
  }
  return Object.keys(body).map((field) => ({
    in: 'body' as const,
    field,
    code: 'unknown_member' as const,
    message: 'This operation takes no body.',
    hint,
  }));
}
