import type { OperationId } from '../../../generated/operations';
import validators from '../../../generated/validators';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import { metadataProblems } from '../../domain/cloudFoundry/metadata';
import { parseListQuery } from '../../domain/cloudFoundry/parseListQuery';
import { badQuery, unprocessable, V3Problem } from '../../domain/cloudFoundry/problem';
import { type Issue, Problem } from '../../domain/errors';
import type { V3Request } from '../../operations/cloudFoundry/handler';
import type { Exchange } from '../exchange';
import { issuesOf } from '../issues';
import type { OperationFacts } from '../operationFacts';
import { parseBody, readBody } from '../requestBody';
import { parseQuery } from '../requestQuery';

/**
 * The JSON object of a request; of none, and where none is taken, an empty one. Its media type is not asked for: clients
 * of /v3 send JSON under many names, and under none. Whatever is no JSON object is a parse error.
 */
export async function readV3Body(exchange: Exchange, facts: OperationFacts): Promise<object> {
  if (!facts.body) return {};
  const value = await readJson(exchange);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new V3Problem('parse', 'Request invalid due to parse error: the body must be a JSON object');
}

async function readJson(exchange: Exchange): Promise<unknown> {
  try {
    const bytes = await readBody(exchange.request);
    return bytes.length === 0 ? {} : parseBody(bytes);
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'validation') throw error;
    throw new V3Problem('parse', `Request invalid due to parse error: ${error.message}`);
  }
}

/** A request of /v3: its query is good once it is made (else 400), its body when the handler asks for it (else 422). */
export class CheckedV3Request implements Pick<V3Request<OperationId>, 'names' | 'list'> {
  private readonly values: Record<string, unknown>;
  private readonly listed: ListRequest | undefined;
  private problems: string[] | undefined;

  constructor(
    private readonly operationId: OperationId,
    readonly path: Record<string, string>,
    rawQuery: string,
    private readonly content: object,
    private readonly facts: OperationFacts,
  ) {
    const names = Object.keys(facts.query);
    if (names.includes('page')) {
      const parsed = parseListQuery(rawQuery, { parameters: names, orderBy: facts.sortable ?? [], choices: choicesOf(facts) });
      if ('problems' in parsed) throw badQuery(...parsed.problems);
      this.listed = parsed.request;
    }
    // Operations without parameters take any query, and do not look at it.
    this.values = this.listed || names.length === 0 ? {} : this.checkedQuery(rawQuery);
  }

  query(): Record<string, unknown> {
    return this.values;
  }

  list(): ListRequest {
    if (!this.listed) throw new Error(`${this.operationId} is no list`);
    return this.listed;
  }

  names(member: string): boolean {
    return Object.hasOwn(this.content, member);
  }

  body(rules?: (sent: Readonly<Record<string, unknown>>) => readonly string[]): object {
    this.problems ??= [...this.bodyProblems(), ...(rules?.({ ...this.content }) ?? [])];
    this.requireValid();
    return this.content;
  }

  /** Refuses a bad body, whether or not the handler asked for it. */
  requireValid(): void {
    this.problems ??= this.bodyProblems();
    if (this.problems.length > 0) throw unprocessable(...this.problems);
  }

  private checkedQuery(rawQuery: string): Record<string, unknown> {
    const { values, issues } = parseQuery(rawQuery, this.facts.query);
    const validate = validators[`query_${this.operationId}`];
    const refused = validate && !validate(values) ? issuesOf(validate.errors ?? [], values, 'query', this.facts) : [];
    const problems = [...issues, ...refused].map((issue) => queryProblem(issue, Object.keys(this.facts.query)));
    if (problems.length > 0) throw badQuery(...problems);
    return values;
  }

  /** Metadata has rules that a schema cannot tell, so it is judged by them alone. */
  private bodyProblems(): string[] {
    if (!this.facts.body) return [];
    const validate = validators[`body_${this.operationId}`];
    const issues = validate && !validate(this.content) ? issuesOf(validate.errors ?? [], this.content, 'body', this.facts) : [];
    const takesMetadata = this.facts.body.members['']?.includes('metadata') === true;
    const others = issues.filter(({ field }) => !takesMetadata || !/^metadata($|[.[])/.test(field));
    const ofMetadata = takesMetadata ? metadataProblems((this.content as { metadata?: unknown }).metadata) : [];
    return [...others.map(bodyProblem), ...ofMetadata];
  }
}

const choicesOf = ({ query }: OperationFacts): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(query).flatMap(([name, { choices }]) => (choices ? [[name, choices]] : [])));

function queryProblem({ field, code, message }: Issue, known: readonly string[]): string {
  if (code === 'unknown_parameter')
    return `Unknown query parameter(s): '${field}'. Valid parameters are: '${known.join("', '")}'`;
  return `The query parameter '${field}': ${withoutStop(message)}`;
}

function bodyProblem({ field, code, message }: Issue): string {
  if (code === 'unknown_member') return `Unknown field(s): '${field}'`;
  return `'${field}': ${withoutStop(message)}`;
}

const withoutStop = (text: string): string => text.replace(/\.$/, '');
