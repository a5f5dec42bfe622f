/** A key of a label or an annotation; without prefix it is ''. */
export interface MetadataKey {
  prefix: string;
  name: string;
}

/** One condition of a selector. `in` and `notIn` of one value stand for `=` and `!=`; of none, they match nothing and all. */
export type Requirement =
  | { key: MetadataKey; operator: 'exists' | 'notExists' }
  | { key: MetadataKey; operator: 'in' | 'notIn'; values: readonly string[] };
