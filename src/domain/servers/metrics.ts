/** What a sample of a server tells of a resource; null is what was not collected. */
type Measured = number | null;

/** Used of total in percent, with two decimals; null when one of both is not known, or there is nothing to use. */
export function percentOf(used: Measured, total: Measured): Measured {
  if (used === null || total === null || total <= 0) return null;
  return Math.round((used / total) * 10_000) / 100;
}

/** A measured number as an integer. */
export const rounded = (value: Measured): Measured => (value === null ? null : Math.round(value));
