import { bodyLimitOf } from '../../src/http/bodyLimit';
import { type Contract, fileMembers, operationsOf, type PlacedOperation, resolve, sentBody } from '../generate/contract';

/** The contract as gateways need it: what is routed where, how much may be sent, and who counts. */

/** How a request is handed on: repeated on another connection or not, with a large body, or as a stream. */
export type Handling = 'read' | 'write' | 'upload' | 'stream';

export interface GatewayOperation {
  id: string;
  family: string;
  /** HEAD stands beside GET. */
  methods: string[];
  handling: Handling;
  /** It talks to other systems, and may take half a minute. */
  isSlow: boolean;
  /** The bytes that its body may have. */
  bodyBytes: number;
  /** Answered without a credential: `security: []`. */
  isPublic: boolean;
  /** Whether a bucket counts it: not with `x-rate-limit: none`. */
  isLimited: boolean;
}

export interface GatewayPath {
  /** As in the contract: `/api/registries/{id}`. */
  template: string;
  operations: GatewayOperation[];
  /** A more general path takes it too, and its methods are none of this one: `commands/reorder` is no `commands/{commandId}`. */
  isNarrow: boolean;
}

export interface RateLimit {
  requests: number;
  seconds: number;
}

export interface GatewayModel {
  version: string;
  /** A path stands before another one that is as long and takes what it takes. */
  paths: GatewayPath[];
  healthPath: string;
  readinessPath: string;
  limits: { principal: RateLimit; address: RateLimit };
  /** What a body may have where the contract says nothing. */
  defaultBodyBytes: number;
}

/** Everything on the public listener, for file content of so many bytes at most. */
export function gatewayModel(contract: Contract, maxUploadBytes: number): GatewayModel {
  const placed = operationsOf(contract).filter(({ operation }) => operation['x-listener'] === undefined);
  const paths = new Map<string, GatewayPath>();
  for (const one of placed) {
    const path = paths.get(one.path) ?? {
      template: one.path,
      operations: [],
      isNarrow: placed.some(({ path }) => isWider(path, one.path)),
    };
    path.operations.push(gatewayOperation(contract, one, maxUploadBytes));
    paths.set(one.path, path);
  }
  const pathOf = (id: string) => placed.find(({ operation }) => operation.operationId === id)?.path ?? '/';
  const limits = contract['x-rate-limits'];
  return {
    version: contract.info.version,
    paths: [...paths.values()].sort((one, other) => inOrder(one.template, other.template)),
    healthPath: pathOf('getHealth'),
    readinessPath: pathOf('getReadiness'),
    limits: { principal: limits.principal, address: limits.address },
    defaultBodyBytes: bodyLimitOf({}, maxUploadBytes),
  };
}

function gatewayOperation(contract: Contract, { operation, method }: PlacedOperation, maxUploadBytes: number): GatewayOperation {
  const sent = sentBody(operation);
  const files = sent?.multipart ? fileMembers(resolve(contract, sent.schema)) : undefined;
  const bodyLimit = operation['x-body-limit'] as 'upload' | undefined;
  const limited = { ...(bodyLimit ? { bodyLimit } : {}), ...(files ? { body: { files } } : {}) };
  return {
    id: operation.operationId,
    family: operation.tags[0],
    methods: method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
    handling: handlingOf(contract, operation, method),
    isSlow: operation['x-outside'] === true,
    bodyBytes: bodyLimitOf(limited, maxUploadBytes),
    isPublic: operation.security?.length === 0,
    isLimited: operation['x-rate-limit'] !== 'none',
  };
}

function handlingOf(contract: Contract, operation: PlacedOperation['operation'], method: string): Handling {
  const answers = Object.values(operation.responses).map((answer) => resolve(contract, answer));
  if (answers.some(({ content = {} }) => 'text/event-stream' in content)) return 'stream';
  if (method === 'get') return 'read';
  return operation['x-body-limit'] === 'upload' ? 'upload' : 'write';
}

const isParameter = (part: string | undefined) => part?.startsWith('{') === true;

/** Whether `general` has a parameter where `path` has a word, and takes all that `path` takes. */
function isWider(general: string, path: string): boolean {
  const [wide, narrow] = [general.split('/'), path.split('/')];
  if (general === path || wide.length !== narrow.length) return false;
  return wide.every((part, index) => part === narrow[index] || isParameter(part));
}

/** Words before parameters; otherwise by the alphabet, so that the order depends on nothing else. */
function inOrder(one: string, other: string): number {
  const [parts, others] = [one.split('/'), other.split('/')];
  for (let at = 0; at < Math.min(parts.length, others.length); at++) {
    const [part = '', another = ''] = [parts[at], others[at]];
    if (part === another) continue;
    if (isParameter(part) !== isParameter(another)) return isParameter(part) ? 1 : -1;
    return part < another ? -1 : 1;
  }
  return parts.length - others.length;
}

const literal = (text: string) => text.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&');

/**
 * A regular expression without anchors for the paths of a template, as they are sent: encoded, and in any spelling of
 * slashes. `separators` are what a part cannot have.
 */
export function pathPattern(template: string, separators = '/'): string {
  const parts = template.split('/').filter(Boolean);
  if (parts.length === 0) return '/+';
  return `${parts.map((part) => `/+${isParameter(part) ? `[^${separators}]+` : literal(part)}`).join('')}/*`;
}

/** Where errors are told in a manner of their own, as a pattern for the path: Cloud Foundry's and the token service's. */
export const surfacePatterns = { v3: '/+v[23](/|[?]|$)', uaa: '/+uaa(/|[?]|$)' } as const;
