import { type Contract, operationsOf, type PlacedOperation, resolve, type Schema, sentBody } from './contract';

/**
 * The source of `generated/clientCalls.ts`: what the TypeScript client has to know of each operation beside its types.
 * It is part of what a browser loads, so that each fact stands only where it is not the usual one.
 */
export function clientCallTable(contract: Contract): string {
  const lines = operationsOf(contract).map((placed) => {
    const { operationId, summary, deprecated } = placed.operation;
    // Editors show it where the operation is called.
    const comment = `  /** ${summary}.${deprecated ? ' @deprecated' : ''} */\n`;
    return `${comment}  ${operationId}: ${JSON.stringify(callFacts(contract, placed))},`;
  });
  return `/** What \`src/client\` has to know of each operation. */
export const clientCalls = {
${lines.join('\n')}
} as const;
`;
}

function callFacts(contract: Contract, placed: PlacedOperation) {
  const { operation, method, path, parameters } = placed;
  const sent = sentBody(operation);
  return {
    method,
    path,
    ...(operation.security?.length === 0 ? { public: true } : {}),
    ...(parameters.some(({ name }) => name === 'Idempotency-Key') ? { key: true } : {}),
    ...(sent?.form ? { sent: 'form' } : sent?.multipart ? { sent: 'multipart' } : {}),
    ...readFacts(contract, placed),
    ...listFacts(contract, placed),
  };
}

function successContent(contract: Contract, { operation }: PlacedOperation) {
  const success = Object.keys(operation.responses).find((status) => status.startsWith('2'));
  const response = success === undefined ? undefined : operation.responses[success];
  return response && resolve(contract, response).content;
}

/** How an answer that is not JSON is read. */
function readFacts(contract: Contract, placed: PlacedOperation) {
  const types = Object.keys(successContent(contract, placed) ?? {});
  if (types.length === 0 || types.includes('application/json')) return {};
  if (types.includes('text/event-stream')) return { read: 'stream' };
  return { read: types.every((type) => type.startsWith('text/') || type === 'application/yaml') ? 'text' : 'blob' };
}

/** The member that holds the objects of a page, and the way to the next one. */
function listFacts(contract: Contract, placed: PlacedOperation) {
  const schema = successContent(contract, placed)?.['application/json']?.schema;
  const members = schema ? membersOf(contract, schema) : {};
  if (members.nextCursor) {
    const [list] = Object.keys(members).filter((name) => resolve(contract, members[name] as Schema).type === 'array');
    return { list };
  }
  return members.pagination && members.resources ? { list: 'resources' } : {};
}

function membersOf(contract: Contract, written: Schema): Record<string, Schema> {
  const schema = resolve(contract, written);
  const parts = (schema.allOf as Schema[] | undefined) ?? [];
  return Object.assign({}, ...parts.map((part) => membersOf(contract, part)), schema.properties);
}
