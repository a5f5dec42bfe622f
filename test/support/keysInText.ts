import { randomInt } from 'node:crypto';

/** A text that names so many keys. */
export const namingKeys = (count: number): string => Array.from({ length: count }, (_, index) => `\${K${index}}`).join('');

/** What looks like a placeholder, with more characters than the key of any value has, and such as no index can compress. */
export const beyondAnyKey = (): string => {
  const chars = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_';
  return `\${A${Array.from({ length: 10_000 }, () => chars[randomInt(chars.length)]).join('')}}`;
};
