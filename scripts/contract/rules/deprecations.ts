import { lacking, markedAsDeprecated, tellsOfDeprecation } from '../deprecations';
import type { Problem } from '../findings';
import { type Contract, hasHeader, isSuccess } from '../model';
import { walkDocument } from '../walk';

/** deprecation: whoever is told to stop is told since when, until when, and what to use instead. */
export function deprecations({ root }: Contract): Problem[] {
  const rule = 'deprecation';
  const wayOut = 'Write x-deprecated-since, x-sunset and x-successor beside deprecated: true.';
  const incomplete = markedAsDeprecated(root).flatMap((one) =>
    lacking(one).map((message) => ({ rule, at: one.at, message: `${one.name} is deprecated, but ${message}.`, wayOut })),
  );
  const strays: Problem[] = [];
  walkDocument(root, (node, at) => {
    const stray = ['x-deprecated-since', 'x-sunset', 'x-successor'].find((key) => key in node);
    if (stray === undefined || node.deprecated === true) return;
    strays.push({
      rule,
      at,
      message: `${stray} stands here, but nothing is deprecated.`,
      wayOut: 'Add deprecated: true, or remove it.',
    });
  });
  return [...incomplete, ...strays];
}

/** deprecation-headers: clients that use something deprecated are told with the answer. */
export function deprecationHeaders({ root, operations }: Contract): Problem[] {
  const rule = 'deprecation-headers';
  return operations
    .filter((one) => tellsOfDeprecation(root, one))
    .flatMap(({ label, answers }) =>
      answers
        .filter(({ status }) => isSuccess(status))
        .flatMap(({ status, node, usedAt }) =>
          ['Deprecation', 'Sunset', 'Link']
            .filter((name) => !hasHeader(node, name))
            .map((name) => ({
              rule,
              at: usedAt,
              message: `${label} tells of what is deprecated, but its ${status} has no header ${name}.`,
              wayOut: `Add ${name} as $ref to components/headers.`,
            })),
        ),
    );
}
