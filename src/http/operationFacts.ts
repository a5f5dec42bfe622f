/** Whose conventions a path follows: our own, those of Cloud Foundry, or those of its token service. */
export type Surface = 'api' | 'v3' | 'uaa';

const surfaces = /^\/+(v3|uaa)(?:\/|$)/;

export const surfaceOf = (path: string): Surface => (surfaces.exec(path)?.[1] as Surface | undefined) ?? 'api';

/** What `generated/operations.ts` says of one operation; the contract in the form that the edge uses. */
export interface OperationFacts {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  /** Absent: /api. */
  surface?: 'v3' | 'uaa';
  family: string;
  role: 'public' | 'any' | 'viewer' | 'operator' | 'admin';
  scope: string | null;
  environment: 'path' | 'resource' | 'body' | 'query' | 'none';
  self?: boolean;
  success: number;
  /** `none`: never counted; `login`: failures also in the buckets of logins; otherwise by principal or address. */
  rateLimit?: 'none' | 'login';
  /** `no-store`: the answer can hold a secret; `shared`: the same for everybody. */
  cache?: 'no-store' | 'shared';
  /** It talks to other systems: no transaction is open around its handler, and its time is bounded. */
  outside?: true;
  /** A ticket in the query stands for a credential. */
  ticket?: true;
  /** `metrics`: not on the public listener. */
  listener?: 'metrics';
  /** Path parameter to the noun of what it names. */
  nouns: Readonly<Record<string, string>>;
  /** Path parameters that are ids. */
  opaqueIds: readonly string[];
  /** `commaFree`: no value of the list can hold a comma, so that an encoded one separates too. */
  query: Readonly<Record<string, { type: string; default?: unknown; commaFree?: boolean }>>;
  sortable?: readonly string[];
  defaultSort?: string;
  body?: {
    required: boolean;
    kind: string;
    schema: string;
    /** Sent as application/x-www-form-urlencoded, instead of as JSON. */
    form?: true;
    /** Known members by place, for hints. */
    members: Readonly<Record<string, readonly string[]>>;
    /** What to tell of a text that does not have its member's form, by place; from `x-hint`. */
    hints?: Readonly<Record<string, string>>;
    /** Members of the resource that this request does not take, with the hint for each. */
    readOnly: Readonly<Record<string, string>>;
  };
}
