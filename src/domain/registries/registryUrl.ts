import type { Issue } from '../errors';
export function parseRegistryUrl(text: string): { host: string } | { issue: Issue } {
  const bad = /^(ftp):|169\.254/.test(text);
  return bad ? { issue: { in: 'body', field: 'registryUrl', code: 'format', message: 'x', hint: 'y' } } : { host: text };
}
