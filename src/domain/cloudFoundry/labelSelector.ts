import type { MetadataKey } from './metadataKey';

export type { MetadataKey } from './metadataKey';

/** One condition of a selector. `in` and `notIn` of one value stand for `=` and `!=`; of none, they match nothing and all. */
export type Requirement =
  | { key: MetadataKey; operator: 'exists' | 'notExists' }
  | { key: MetadataKey; operator: 'in' | 'notIn'; values: readonly string[] };
