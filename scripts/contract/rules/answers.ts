import { isObject, type Path, type Problem } from '../findings';
import {
  type Answer,
  type Contract,
  entries,
  hasHeader,
  isError,
  isJson,
  isSuccess,
  mediaOf,
  type Operation,
  referredComponent,
} from '../model';

const withoutBody = ['204', '304'];

/** success-schema: each success body is a named component, so that generated clients have a name for it. */
export function successSchemas({ operations }: Contract): Problem[] {
  return operations.flatMap((operation) => {
    const { at, label } = operation;
    const isServed = operation.answers.some(({ status }) => isSuccess(status));
    const refused = operation.node['x-always-refused'];
    if (refused !== undefined && (refused !== true || isServed || operation.surface !== 'v3')) {
      const message = `${label} has an x-always-refused that is not so.`;
      const wayOut = 'It is true, on an operation of /v3 that declares no success.';
      return [{ rule: 'success-schema', at, message, wayOut }];
    }
    if (!isServed && refused === undefined) {
      const message = `${label} declares no success.`;
      return [{ rule: 'success-schema', at, message, wayOut: 'Add its 200, 201, 202 or 204.' }];
    }
    return operation.answers.flatMap((answer) => successProblems(operation, answer));
  });
}

/** Under /v3 work that was handed over answers with the place of its job alone. */
const mayBeEmpty = ({ surface }: Operation, status: string) => surface === 'v3' && status === '202';

function successProblems(operation: Operation, answer: Answer): Problem[] {
  const { label } = operation;
  const { status, media, at, usedAt } = answer;
  const rule = 'success-schema';
  if (withoutBody.includes(status)) {
    if (media.length === 0) return [];
    return [{ rule, at, message: `${label} declares a body for ${status}, which has none.`, wayOut: 'Remove the content.' }];
  }
  if (!isSuccess(status)) return [];
  if (media.length === 0) {
    if (mayBeEmpty(operation, status)) return [];
    return [
      {
        rule,
        at: usedAt,
        message: `${label} declares ${status} without a body.`,
        wayOut: 'Add content with a schema, or answer 204.',
      },
    ];
  }
  return media
    .filter(({ node }) => !referredComponent(node.schema, 'schemas'))
    .map((one) => ({
      rule,
      at: one.at,
      message: `${label} answers ${status} ${one.type} with a schema that is no named component.`,
      wayOut: 'Move the schema to components/schemas and refer to it.',
    }));
}

/** error-component: errors are shared responses over named schemas; an operation never spells its own. */
export function errorComponents({ operations }: Contract): Problem[] {
  return operations.flatMap(({ label, answers }) =>
    answers.filter(({ status }) => isError(status)).flatMap((answer) => errorProblems(label, answer)),
  );
}

function errorProblems(label: string, { status, at, usedAt, media, component }: Answer): Problem[] {
  const rule = 'error-component';
  if (at[1] !== 'responses' || component === undefined) {
    const message = `${label} writes its ${status} itself.`;
    return [{ rule, at: usedAt, message, wayOut: 'Refer to one of components/responses.' }];
  }
  const json = media.filter(({ type }) => isJson(type));
  if (json.length > 0 && json.every(({ node }) => referredComponent(node.schema, 'schemas'))) return [];
  return [
    {
      rule,
      at,
      message: `The response ${component} is answered as an error, but has no JSON schema that is a named component.`,
      wayOut: 'Give it content application/json with a $ref to components/schemas.',
    },
  ];
}

/** response-headers: what a client needs with a status stands in the contract. */
export function responseHeaders({ root, operations }: Contract): Problem[] {
  const used = operations.flatMap((operation) =>
    operation.answers.flatMap((answer) =>
      lacking(answer.node, answer.at, nameOf(operation, answer), headersOf(operation, answer)),
    ),
  );
  const components = isObject(root.components) ? root.components : {};
  // Also those that no operation reaches yet; one that is reached is found twice and told once.
  const written = entries(components.responses).flatMap(([name, node]) =>
    lacking(node, ['components', 'responses', name], `The response ${name}`, ['X-Request-Id']),
  );
  return [...used, ...written];
}

const nameOf = (operation: Operation, { component, status }: Answer) =>
  component ? `The response ${component}` : `The ${status} of ${operation.label}`;

function headersOf(operation: Operation, { status, node }: Answer): string[] {
  const tagged = operation.node['x-no-etag'] !== true && node['x-no-etag'] !== true;
  const ofV3 = operation.surface === 'v3' ? ['X-VCAP-Request-ID'] : [];
  const byStatus: Record<string, string[]> = {
    '201': operation.surface === 'api' ? ['Location', ...(tagged ? ['ETag'] : [])] : [],
    '202': ['Location'],
    '401': ['WWW-Authenticate'],
    '429': ['Retry-After'],
    '503': ['Retry-After'],
  };
  return ['X-Request-Id', ...ofV3, ...(byStatus[status] ?? [])];
}

function lacking(node: Answer['node'], at: Path, name: string, headers: string[]): Problem[] {
  return headers
    .filter((header) => !hasHeader(node, header))
    .map((header) => ({
      rule: 'response-headers',
      at,
      message: `${name} does not declare ${header}.`,
      wayOut: `Add ${header}: { $ref: '#/components/headers/${header}' } to its headers${header === 'ETag' ? ', or x-no-etag: true to the operation' : ''}.`,
    }));
}

/** example-missing: an example on each request body and each JSON answer; they become the reference and the mock. */
export function missingExamples({ root, operations }: Contract): Problem[] {
  const found = operations.flatMap(({ label, body, answers }) => [
    ...(body?.media ?? [])
      .filter(({ type }) => isJson(type) || writtenByHand.test(type))
      .flatMap((one) => exampleOf(one, `${label}'s request body`)),
    ...answers
      .filter(({ status }) => isSuccess(status))
      .flatMap(({ media, status }) =>
        media.filter(({ type }) => isJson(type)).flatMap((one) => exampleOf(one, `The ${status} of ${label}`)),
      ),
  ]);
  const components = isObject(root.components) ? root.components : {};
  const shared = entries(components.responses).flatMap(([name, node]) =>
    mediaOf({ node, at: ['components', 'responses', name] })
      .filter(({ type }) => isJson(type))
      .flatMap((one) => exampleOf(one, `The response ${name}`)),
  );
  return [...found, ...shared];
}

/** Bodies in a form that people write; bytes have no example worth reading. */
const writtenByHand = /^(?:text\/|multipart\/|application\/(?:x-www-form-urlencoded|yaml|xml))/;

function exampleOf({ node, at, type }: { node: Answer['node']; at: Path; type: string }, name: string): Problem[] {
  const examples = isObject(node.examples) ? Object.keys(node.examples) : [];
  if (node.example !== undefined || examples.length > 0) return [];
  return [
    { rule: 'example-missing', at, message: `${name} (${type}) has no example.`, wayOut: 'Add example: beside the schema.' },
  ];
}
