/**
 * How requests are read and answers written: `api` is Portolan's own manner, `v3` that of Cloud Foundry, `uaa` that of its
 * token service.
 */
export type Surface = 'api' | 'v3' | 'uaa';

/** The surface that a path, as the contract or a client writes it, belongs to. */
export function surfaceOf(path: string): Surface {
  if (/^\/+v[23](\/|$)/.test(path)) return 'v3';
  return /^\/+uaa(\/|$)/.test(path) ? 'uaa' : 'api';
}

/** When something was deprecated and when it may go, in seconds since 1970. */
export interface ToldDeprecation {
  since: number;
  sunset: number;
}

/** What is deprecated of the requests of an operation; only operations that have such have this. */
export interface DeprecatedFacts {
  /** The operation itself. */
  operation?: ToldDeprecation;
  /** By name. */
  query?: Readonly<Record<string, ToldDeprecation>>;
  /** Members of the body by place: `crew[].name`. */
  body?: Readonly<Record<string, ToldDeprecation>>;
}

/** What `generated/operations.ts` says of one operation; the contract in the form that the edge uses. */
export interface OperationFacts {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  /** Left out: `api`. */
  surface?: Exclude<Surface, 'api'>;
  family: string;
  role: 'public' | 'any' | 'viewer' | 'operator' | 'admin';
  scope: string | null;
  /** Any of these scopes will do. */
  anyScope?: readonly string[];
  environment: 'path' | 'resource' | 'body' | 'query' | 'none';
  self?: boolean;
  success: number;
  /** `none`: never counted; `login`: failures also in the buckets of logins; otherwise by principal or address. */
  rateLimit?: 'none' | 'login';
  /** `no-store`: the answer can hold a secret; `shared`: the same for everybody. */
  cache?: 'no-store' | 'shared';
  /** It talks to other systems: no transaction is open around its handler, and its time is bounded. */
  outside?: true;
  /** The answer holds a secret of such an object: who asks for it is on record, refused or not. */
  reveals?: 'environment' | 'secret';
  /** A ticket in the query stands for a credential. */
  ticket?: true;
  /** `metrics`: not on the public listener. */
  listener?: 'metrics';
  /** Path parameter to the noun of what it names. */
  nouns: Readonly<Record<string, string>>;
  /** Path parameters that are ids. */
  opaqueIds: readonly string[];
  /**
   * `commaFree`: no value of the list can hold a comma, so that an encoded one separates too. `choices`: the values that a
   * list of texts may have, under /v3.
   */
  query: Readonly<Record<string, { type: string; default?: unknown; commaFree?: boolean; choices?: readonly string[] }>>;
  /** What the rows of a list are told apart by; left out: an id. */
  listKey?: 'name';
  /** `upload`: bodies carry file content, and may be as large as the setting for that. */
  bodyLimit?: 'upload';
  sortable?: readonly string[];
  defaultSort?: string;
  body?: {
    required: boolean;
    kind: string;
    schema: string;
    /** Sent as application/x-www-form-urlencoded, instead of as JSON. */
    form?: true;
    /** Sent as multipart/form-data, instead of as JSON: the members that are files. */
    files?: readonly string[];
    /** Known members by place, for hints. */
    members: Readonly<Record<string, readonly string[]>>;
    /** What to tell of a text that does not have its member's form, by place; from `x-hint`. */
    hints?: Readonly<Record<string, string>>;
    /** Members of the resource that this request does not take, with the hint for each. */
    readOnly: Readonly<Record<string, string>>;
  };
  /** What of its requests is deprecated. */
  deprecated?: DeprecatedFacts;
  /** What the compatibility mode does to it; see `compat/bridgeport.ts`. */
  compatibility?: {
    /** Members of the answer that are told as JSON text, by place: `services[].baseEnv`; with what an empty one is told as. */
    texts?: Readonly<Record<string, string | null>>;
    /** The same of the resource alone, as preconditions compare it. */
    resource?: Readonly<Record<string, string | null>>;
    /** Members of the body that count as absent when they are `""`. */
    blanks?: readonly string[];
  };
}
