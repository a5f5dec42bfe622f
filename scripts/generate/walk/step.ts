import type { PlacedOperation } from '../contract';

/** A variable, and where an answer has its value. */
export interface Product {
  variable: string;
  /** Members of the JSON body down to the value; or a header, whose last path segment it is. */
  from: { body: (string | number)[] } | { header: string };
}

export interface JsonBody {
  kind: 'json';
  value: unknown;
}
export interface FormBody {
  kind: 'form';
  fields: [name: string, value: string][];
}
export interface Part {
  name: string;
  value: string;
  /** Only of a part that is a file. */
  filename?: string;
}
export interface MultipartBody {
  kind: 'multipart';
  parts: Part[];
}

/** Work goes on behind some answers: the request is repeated while `member` has one of these values. */
export interface Wait {
  member: string[];
  while: string[];
  until: string;
}

/** Who asks: nobody, the bearer in a variable, or a client with its secret. */
export type Credential =
  | { kind: 'none' }
  | { kind: 'bearer'; variable: string }
  | { kind: 'basic'; user: string; password: string };

/** One request of the walk. Its texts may hold variables (text.ts). */
export interface Step {
  /** The operationId; behind a colon, what a second call of the same operation is for. */
  name: string;
  placed: PlacedOperation;
  tag: string;
  /** Variable of the address that it goes to. */
  base: string;
  path: string;
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  body: JsonBody | FormBody | MultipartBody | undefined;
  credential: Credential;
  /** What it may answer; the first is what is expected. */
  statuses: number[];
  products: Product[];
  wait?: Wait;
  /** It talks to a registry, or waits for what does. */
  needsRegistry: boolean;
  /** It asks whether there is a registry. */
  asksForRegistry: boolean;
  /** Why it is not simply what the contract's example says. */
  why: string | undefined;
}

export interface Folder {
  /** The tag; with `continued`, for what needs objects of later folders. */
  name: string;
  tag: string;
  continued: boolean;
  steps: Step[];
}

export interface Walk {
  folders: Folder[];
  /** From the last thing made to the first, and out. */
  cleanUp: Step[];
}

/** Variables that a person sets; all others are made on the way. */
export interface Given {
  name: string;
  value: string;
  secret?: boolean;
  description: string;
}
