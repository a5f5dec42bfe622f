/** Order by code unit: a collation would depend on the machine's locale. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
