import type { Requirement } from './labelSelector';

/** Bounds of a time, each to the second (`2026-03-01T08:00:00Z`). */
export type TimeFilter = { equal: string[] } | { bounds: { operator: 'lt' | 'lte' | 'gt' | 'gte'; at: string }[] };

/** What a list of /v3 was asked for, checked and decoded. */
export interface ListRequest {
  /** From 1. */
  page: number;
  perPage: number;
  /** null = the order in which things came. */
  orderBy: { member: 'created_at' | 'updated_at' | 'name' | 'state'; descending: boolean } | null;
  /** Filters with lists of values, by parameter: `guids`, `states`, `app_guids` and so on. Any of the values fits. */
  filters: Readonly<Record<string, readonly string[]>>;
  createdAts: TimeFilter | null;
  updatedAts: TimeFilter | null;
  labelSelector: readonly Requirement[];
  /** What links to other pages carry beside `page` and `per_page`: parameters with their raw values. */
  carried: Readonly<Record<string, string>>;
}
