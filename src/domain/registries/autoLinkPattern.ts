/** One step of a pattern: a literal character, or what a wildcard takes. */
type Step = { takes: string } | { takesAny: 'one' | 'part' | 'all' };

/**
 * Whether a glob takes a whole path: `*` any characters but `/`, `**` any characters, `?` one character but `/`,
 * everything else itself. Case counts.
 *
 * All states of the pattern are carried along at once, so the time is at most pattern times path; a translation into a
 * regular expression would backtrack without end on patterns such as `*a*a*a*b`.
 */
export function matchesAutoLinkPattern(pattern: string, path: string): boolean {
  const steps = stepsOf(pattern);
  let reached = skipWildcards(steps, new Set([0]));
  for (const character of path) {
    const next = new Set<number>();
    for (const at of reached) {
      const step = steps[at];
      if (!step) continue;
      if ('takes' in step) {
        if (step.takes === character) next.add(at + 1);
      } else if (step.takesAny === 'all' || character !== '/') {
        next.add(step.takesAny === 'one' ? at + 1 : at);
      }
    }
    if (next.size === 0) return false;
    reached = skipWildcards(steps, next);
  }
  return reached.has(steps.length);
}

/** How many characters of a pattern stand for themselves: the more, the closer it fits. */
export const literalLength = (pattern: string): number => stepsOf(pattern).filter((step) => 'takes' in step).length;

function stepsOf(pattern: string): Step[] {
  const pieces = pattern.match(/\*+|[^*]/gu) ?? [];
  return pieces.map((piece): Step => {
    if (piece === '?') return { takesAny: 'one' };
    if (piece === '*') return { takesAny: 'part' };
    return piece.startsWith('*') ? { takesAny: 'all' } : { takes: piece };
  });
}

/** A wildcard for many characters may also take none. */
function skipWildcards(steps: readonly Step[], reached: Set<number>): Set<number> {
  // A set hands out entries that are added while it is walked, so runs of wildcards are followed to their end.
  for (const at of reached) {
    const step = steps[at];
    if (step && 'takesAny' in step && step.takesAny !== 'one') reached.add(at + 1);
  }
  return reached;
}
