import { isObject, type JsonObject, type Path, pointerOf } from './findings';
import type { Contract } from './model';
import { pathOf } from './source';
import { walkDocument } from './walk';

export interface Ref {
  ref: string;
  at: Path;
}

/** Every reference of the document with its place. */
export function refsOf(root: JsonObject): Ref[] {
  const found: Ref[] = [];
  walkDocument(root, (node, at) => {
    if (typeof node.$ref === 'string') found.push({ ref: node.$ref, at: [...at, '$ref'] });
    const mapping = isObject(node.discriminator) ? node.discriminator.mapping : undefined;
    if (!isObject(mapping)) return;
    for (const [name, ref] of Object.entries(mapping)) {
      if (typeof ref === 'string') found.push({ ref: asPointer(ref), at: [...at, 'discriminator', 'mapping', name] });
    }
  });
  return found;
}

/** A discriminator may name a schema without writing the pointer. */
const asPointer = (ref: string) => (/^[A-Za-z0-9_.-]+$/.test(ref) ? `#/components/schemas/${ref}` : ref);

/** The component, the operation or the shared part of a path that a place belongs to. */
export const ownerOf = (at: Path): string => pointerOf(at.slice(0, 3));

/** The components that each operation reaches, also through each other. */
export function reachOf({ root, operations }: Contract): Map<string, Set<string>> {
  const edges = new Map<string, string[]>();
  for (const { ref, at } of refsOf(root)) {
    const owner = ownerOf(at);
    edges.set(owner, [...(edges.get(owner) ?? []), ownerOf(pathOf(ref))]);
  }
  return new Map(
    operations.map(({ at, path, node }) => {
      const starts = [pointerOf(at), pointerOf(['paths', path, 'parameters'])];
      const schemes = securityOf(node, root).map((name) => pointerOf(['components', 'securitySchemes', name]));
      return [pointerOf(at), closure([...starts.flatMap((start) => edges.get(start) ?? []), ...schemes], edges)];
    }),
  );
}

function closure(starts: string[], edges: Map<string, string[]>): Set<string> {
  const reached = new Set<string>();
  const queue = [...starts];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    queue.push(...(edges.get(next) ?? []));
  }
  return reached;
}

function securityOf(operation: JsonObject, root: JsonObject): string[] {
  const security: unknown = operation.security ?? root.security;
  return (Array.isArray(security) ? security : []).flatMap((one) => (isObject(one) ? Object.keys(one) : []));
}
