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
import { readBody, readValue } from '../requestBody';
import { parseQuery } from '../requestQuery';

/** The JSON object of a body, with what is wrong with it before anybody asks for its form. */
interface V3Content {
  sent: object;
  /** A member that no object has, or text that cannot be stored: it is JSON all the same. */
  issues: readonly Issue[];
}

/**
 * The JSON object of a request; of none, and where none is taken, an empty one. Its media type is not asked for: clients
 * of /v3 send JSON under many names, and under none. Whatever is no JSON object is a parse error.
 */
export async function readV3Body(exchange: Exchange, facts: OperationFacts): Promise<V3Content> {
  if (!facts.body) return { sent: {}, issues: [] };
  const { value, issues } = await readJson(exchange);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { sent: value, issues };
  throw new V3Problem('parse', 'Request invalid due to parse error: the body must be a JSON object');
}

async function readJson(exchange: Exchange): Promise<{ value: unknown; issues: Issue[] }> {
  try {
    const bytes = await readBody(exchange.request);
    return bytes.length === 0 ? { value: {}, issues: [] } : readValue(bytes);
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
    private readonly content: V3Content,
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
    return Object.hasOwn(this.content.sent, member);
  }

  body(rules?: (sent: Readonly<Record<string, unknown>>) => readonly string[]): object {
    this.problems ??= [...this.bodyProblems(), ...(rules?.({ ...this.content.sent }) ?? [])];
    this.requireValid();
    return this.content.sent;
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
    const { sent, issues: ofText } = this.content;
    const validate = validators[`body_${this.operationId}`];
    const ofForm = validate && !validate(sent) ? issuesOf(validate.errors ?? [], sent, 'body', this.facts) : [];
    const takesMetadata = this.facts.body.members['']?.includes('metadata') === true;
    const inMetadata = ({ field }: Issue) => takesMetadata && /^metadata($|[.[])/.test(field);
    const ofMetadata = takesMetadata ? metadataProblems((sent as { metadata?: unknown }).metadata) : [];
    // The rules of metadata name its bad keys; what its values hold they do not look at.
    const issues = [
      ...ofText.filter((issue) => issue.code !== 'unknown_member' || !inMetadata(issue)),
      ...ofForm.filter((issue) => !inMetadata(issue)),
    ];
    return [...new Set([...issues.map(bodyProblem), ...ofMetadata])];
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
