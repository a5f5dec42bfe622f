import type { Answer } from '../handler';

/** The answer with notes that the command line prints: percent-encoded, separated by commas. */
export function withWarnings<Body>(answer: Answer<Body>, warnings: readonly string[]): Answer<Body> {
  if (warnings.length === 0) return answer;
  const told = warnings.map(encodeURIComponent).join(',');
  return { ...answer, headers: { ...answer.headers, 'X-Cf-Warnings': told } };
}
