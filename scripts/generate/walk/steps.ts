import { type Contract, fileMembers, operationsOf, type PlacedOperation, resolve, type Schema, sentBody } from '../contract';
import { isExampleId, type Nouns, nounsOf } from './nouns';
import type { Step } from './step';
import { type Exception, exceptions, extras, sameThing } from './table';
import { variable } from './text';

/** One step for each operation of the contract, in its order, and the second calls behind them. */
export function stepsOf(contract: Contract): Step[] {
  const nouns = nounsOf(contract);
  const operations = operationsOf(contract);
  const known = new Set(operations.map(({ operation }) => operation.operationId));
  for (const id of [...Object.keys(exceptions), ...extras.map((extra) => extra.operationId)])
    if (!known.has(id)) throw new Error(`scripts/generate/walk/table.ts names ${id}, which is no operation.`);
  const named = new Set(Object.values(exceptions).flatMap(({ products = [] }) => products.map((one) => one.variable)));
  const maker = new Maker(contract, nouns, named);
  return [
    ...operations.map((placed) => maker.step(placed, placed.operation.operationId, exceptions[placed.operation.operationId])),
    ...extras.map(({ operationId, name, exception }) => {
      const placed = operations.find(({ operation }) => operation.operationId === operationId) as PlacedOperation;
      return maker.step(placed, `${operationId}: ${name}`, exception);
    }),
  ];
}

class Maker {
  constructor(
    private readonly contract: Contract,
    private readonly nouns: Nouns,
    /** Variables that the table says the origin of. */
    private readonly named: Set<string>,
  ) {}

  step(placed: PlacedOperation, name: string, exception: Exception | undefined): Step {
    const { operation } = placed;
    const statuses = exception?.statuses ?? [successOf(placed)];
    return {
      name,
      placed,
      tag: operation.tags[0],
      base: exception?.base ?? 'baseUrl',
      path: this.path(placed, exception?.path ?? {}),
      query: Object.entries(exception?.query ?? {}),
      headers: this.headers(placed, exception),
      body: this.body(placed, exception),
      credential:
        exception?.credential ??
        (operation['x-permission'].role === 'public' ? { kind: 'none' } : { kind: 'bearer', variable: 'token' }),
      statuses,
      products: this.products(placed, name, exception),
      ...(exception?.wait ? { wait: exception.wait } : {}),
      needsRegistry: exception?.needsRegistry ?? (operation['x-outside'] === true && !exception?.asksForRegistry),
      asksForRegistry: exception?.asksForRegistry ?? false,
      why: exception?.why,
    };
  }

  private path(placed: PlacedOperation, other: Record<string, string>): string {
    return placed.path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
      const known = this.nouns.ofPath(placed, parameter);
      const example = placed.parameters.find((one) => one.in === 'path' && one.name === parameter)?.example;
      const value = other[parameter] ?? (known ? variable(sameThing[known] ?? known) : example);
      if (value === undefined || isExampleId(value))
        throw new Error(`${placed.operation.operationId}: nothing makes what {${parameter}} names.`);
      return String(value);
    });
  }

  private headers({ operation }: PlacedOperation, exception: Exception | undefined): Step['headers'] {
    const from = Object.values(exceptions).find(({ etagFor }) => etagFor === operation.operationId);
    return [
      ...(exception?.idempotencyKey ? [['Idempotency-Key', variable('idempotencyKey')] as [string, string]] : []),
      ...(from ? [['If-Match', variable(etagVariable(operation.operationId))] as [string, string]] : []),
    ];
  }

  private products(placed: PlacedOperation, name: string, exception: Exception | undefined): Step['products'] {
    const { operationId } = placed.operation;
    const derived = (this.nouns.products.get(operationId) ?? []).filter(
      (one) => !this.named.has(one.variable) && !(one.variable in sameThing),
    );
    const products = exception?.products ?? (name === operationId ? derived : []);
    const etag = exception?.etagFor;
    return [...products, ...(etag ? [{ variable: etagVariable(etag), from: { header: 'ETag' } }] : []), ...this.job(placed)];
  }

  /** Work that is answered with the place of its job, and with nothing else. */
  private job({ path, operation }: PlacedOperation): Step['products'] {
    const accepted = operation.responses['202'];
    const begun = accepted && path.startsWith('/v3') && resolve(this.contract, accepted).content === undefined;
    return begun ? [{ variable: 'jobGuid', from: { header: 'Location' } }] : [];
  }

  private body(placed: PlacedOperation, exception: Exception | undefined): Step['body'] {
    const { operation } = placed;
    const sent = sentBody(operation);
    if (!sent) return undefined;
    const example = exception?.wholeBody ?? this.withVariables(exampleOf(operation), '');
    const value = exception?.body ? { ...(example as object), ...exception.body } : example;
    if (value === undefined) return undefined;
    const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
    if (sent.form) return { kind: 'form', fields: members };
    if (!sent.multipart) return { kind: 'json', value };
    const files = fileMembers(resolve(this.contract, sent.schema) as Schema);
    const filename = (value as { filename?: string }).filename ?? 'file.bin';
    const parts = members.map(([name, text]) => ({ name, value: text, ...(files.includes(name) ? { filename } : {}) }));
    return { kind: 'multipart', parts };
  }

  /** The example with variables in the place of its ids; `member` is the name that the value stands under. */
  private withVariables(value: unknown, member: string): unknown {
    if (isExampleId(value)) {
      const made = this.nouns.ofMember(member.includes('Id') ? member : `${member}Guid`);
      if (made === undefined) throw new Error(`Nothing makes what the member ${member} names.`);
      return variable(sameThing[made] ?? made);
    }
    if (Array.isArray(value)) return value.map((entry) => this.withVariables(entry, member));
    if (!value || typeof value !== 'object') return value;
    // Under /v3 a reference stands as {"app":{"data":{"guid":…}}}: the name is the one around.
    const wrapped = (name: string) => (['data', 'guid'].includes(name) ? member || 'droplet' : name);
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, this.withVariables(entry, wrapped(name))]));
  }
}

const etagVariable = (operationId: string): string =>
  `${operationId.replace(/^update(\w)/, (_, first: string) => first.toLowerCase())}Etag`;

const successOf = ({ operation }: PlacedOperation): number => {
  const status = Object.keys(operation.responses).find((one) => one.startsWith('2'));
  if (status === undefined) throw new Error(`${operation.operationId} never succeeds: the table has to say what it answers.`);
  return Number(status);
};

function exampleOf({ requestBody }: PlacedOperation['operation']): unknown {
  const media = Object.values(requestBody?.content ?? {})[0];
  return media?.example ?? Object.values(media?.examples ?? {})[0]?.value;
}
