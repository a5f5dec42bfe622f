import { isObject, isText, type Problem } from '../findings';
import type { Contract, Operation } from '../model';

/** The session that these act on has no name in the contract, so the verb stands alone. */
const bareVerbs = new Set(['login', 'logout']);
const verbNoun = /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)+$/;

/** operation-id: the name of the operation everywhere, from the handler's file to the metric. */
export function operationIds({ operations }: Contract): Problem[] {
  return operations.flatMap(({ node, at, label }) => {
    const id = node.operationId;
    if (!isText(id)) {
      return [
        {
          rule: 'operation-id',
          at,
          message: `${label} has no operationId.`,
          wayOut: 'Name it verbNoun, such as listRegistries.',
        },
      ];
    }
    if (verbNoun.test(id) || bareVerbs.has(id)) return [];
    const wayOut = 'Write a verb and a noun, one capital a word: getSshKey rather than getSSHKey.';
    return [{ rule: 'operation-id', at: [...at, 'operationId'], message: `${id} is not verbNoun in camelCase.`, wayOut }];
  });
}

/** operation-id-unique */
export function uniqueOperationIds({ operations }: Contract): Problem[] {
  const first = new Map<string, Operation>();
  return operations.flatMap((operation) => {
    const id = operation.node.operationId;
    if (!isText(id)) return [];
    const other = first.get(id);
    if (!other) {
      first.set(id, operation);
      return [];
    }
    const message = `${id} is already the name of ${other.method.toUpperCase()} ${other.path}.`;
    return [
      {
        rule: 'operation-id-unique',
        at: [...operation.at, 'operationId'],
        message,
        wayOut: 'Name this one by what it does differently.',
      },
    ];
  });
}

/** operation-text: summary and description are what the reference and generated clients show. */
export function operationTexts({ operations }: Contract): Problem[] {
  return operations.flatMap(({ node, at, label }) =>
    ['summary', 'description']
      .filter((key) => !isText(node[key]))
      .map((key) => ({ rule: 'operation-text', at, message: `${label} has no ${key}.`, wayOut: `Add a ${key}.` })),
  );
}

/** operation-tag: exactly one, because it is the family that the handler's folder is named after. */
export function operationTags({ root, operations }: Contract): Problem[] {
  const known = (Array.isArray(root.tags) ? root.tags : []).map((tag) => (isObject(tag) ? tag.name : undefined));
  const wayOut = `Give it one of: ${known.join(', ')}.`;
  return operations.flatMap(({ node, at, label }) => {
    const tags: unknown[] = Array.isArray(node.tags) ? node.tags : [];
    if (tags.length !== 1) {
      const message = `${label} has ${tags.length} tags; an operation belongs to one family.`;
      return [{ rule: 'operation-tag', at, message, wayOut }];
    }
    if (known.includes(tags[0])) return [];
    const message = `${label} has the tag ${String(tags[0])}, which the document does not list.`;
    return [{ rule: 'operation-tag', at: [...at, 'tags'], message, wayOut }];
  });
}

/** operation-release */
export function operationReleases({ operations }: Contract): Problem[] {
  return operations
    .filter(({ node }) => !/^R[1-4]$/.test(String(node['x-release'])))
    .map(({ at, label, node }) => ({
      rule: 'operation-release',
      at: node['x-release'] === undefined ? at : [...at, 'x-release'],
      message: `${label} does not say in which release it is served.`,
      wayOut: 'Set x-release to R1, R2, R3 or R4.',
    }));
}

/** operation-security: explicit on each operation, so that nothing is public or closed by inheritance. */
export function operationSecurity({ operations }: Contract): Problem[] {
  return operations.flatMap(({ node, at, label, isPublic }) => {
    const security = node.security;
    if (!Array.isArray(security)) {
      const wayOut = 'Add security: [{ bearerAuth: [] }], or security: [] with x-permission.role public.';
      return [{ rule: 'operation-security', at, message: `${label} has no security of its own.`, wayOut }];
    }
    // An empty requirement among others makes the credential optional, which is public by another name.
    const open = security.length === 0 || security.some((one) => isObject(one) && Object.keys(one).length === 0);
    if (open === isPublic) return [];
    const message = isPublic
      ? `${label} is public by x-permission, but asks for a credential.`
      : `${label} is open to anyone, but x-permission.role is not public.`;
    const wayOut = isPublic ? 'Set security: [], or another role.' : 'Ask for bearerAuth, or set the role to public.';
    return [{ rule: 'operation-security', at: [...at, 'security'], message, wayOut }];
  });
}
