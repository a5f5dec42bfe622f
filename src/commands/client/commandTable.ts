/** What the client knows of the contract: the shape of `generated/commands.json`. */

/** How a value is written on the command line, and what becomes of it. */
export type FlagType =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  /** Given several times. */
  | 'list'
  /** KEY=VALUE, given several times. */
  | 'map'
  | 'json'
  /** A file that is sent as it is. */
  | 'file';

export interface Flag {
  /** Without its dashes: `registry-url`. */
  flag: string;
  type: FlagType;
  help: string;
  /** Its name in the query, or its place in the body. */
  place: string[];
  required?: boolean;
  choices?: string[];
  default?: unknown;
  /** Of the entries of a list. */
  entries?: 'text' | 'integer' | 'number' | 'json';
  /** One value of a list may name several entries, separated by commas. */
  commas?: boolean;
  /** Never taken from an argument: those are for every process of the machine to read. */
  secret?: boolean;
  /** null is a value of it. */
  nullable?: boolean;
}

/** A parameter of the path. */
export interface Argument {
  name: string;
  /** What a person reads: `registry`. */
  label: string;
  help: string;
  /** Key of a lookup, when a name will do for the id. */
  lookup?: string;
}

export interface BodyFacts {
  required: boolean;
  media: 'json' | 'form' | 'multipart';
  /** A text of the body may be a secret. */
  secret?: boolean;
  flags: Flag[];
}

export interface AnswerFacts {
  kind: 'json' | 'text' | 'bytes' | 'events' | 'none';
  /** The member that holds the list. */
  list?: string;
  paging?: 'cursor' | 'pages';
  columns?: string[];
}

export interface CommandFacts {
  operationId: string;
  verb: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  arguments: Argument[];
  /** What `--env` is for: the path, when it is required; a filter; or to find the names of arguments. */
  environment?: { required?: true; query?: string };
  query: Flag[];
  /** Headers that can be set; each has a flag of its name in lower case. */
  headers: string[];
  body?: BodyFacts;
  answer: AnswerFacts;
  /** How the end of what a 202 began is learnt. */
  wait?: 'operation' | 'job';
  /** No credential is sent. */
  public?: boolean;
  /** Where it answers when that is not the service's own address. */
  base?: string;
  example: string;
}

export interface GroupFacts {
  name: string;
  aliases: string[];
  summary: string;
  commands: CommandFacts[];
}

/** How an object is found by its name. */
export interface Lookup {
  noun: string;
  list: string;
  /** The filter of the list, and the member that has the name. */
  filter: string;
  members: string[];
  id: 'id' | 'guid';
  /** Names are unique below an environment, which the path of the list or this filter tells. */
  environment?: 'path' | 'space_guids';
}

export interface CommandTable {
  version: string;
  groups: GroupFacts[];
  /** By the path of the list that is searched; `{envId}` in it is the environment's id. */
  lookups: Record<string, Lookup>;
}
