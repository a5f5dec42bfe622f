import { isObject, type JsonObject, type Path, type Problem, pointerOf } from '../findings';
import { type Contract, entries, valueAt } from '../model';
import { pathOf } from '../source';
import { walkDocument } from '../walk';

/** external-ref: gateways and generators take this one file as it is. */
export function externalRefs({ root }: Contract): Problem[] {
  return refsOf(root)
    .filter(({ ref }) => !ref.startsWith('#'))
    .map(({ ref, at }) => ({
      rule: 'external-ref',
      at,
      message: `$ref ${ref} leaves this file; the contract is one self-contained document.`,
      wayOut: 'Copy the target into components and refer to it as #/components/….',
    }));
}

/** unresolved-ref */
export function unresolvedRefs({ root }: Contract): Problem[] {
  return refsOf(root)
    .filter(({ ref }) => ref.startsWith('#') && valueAt(root, pathOf(ref)) === undefined)
    .map(({ ref, at }) => ({
      rule: 'unresolved-ref',
      at,
      message: `$ref ${ref} leads nowhere.`,
      wayOut: 'Mend the spelling, or add the component.',
    }));
}

interface Ref {
  ref: string;
  at: Path;
}

function refsOf(root: JsonObject): Ref[] {
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

/**
 * unused-component: nothing reaches it from an operation. Components that only use each other are unused too, so it is
 * reachability that counts and not being named.
 */
export function unusedComponents({ root, operations }: Contract): Problem[] {
  const refs = refsOf(root);
  const reached = new Set<string>(securityNames([root, ...operations.map((one) => one.node)]).map(schemePointer));
  let size = -1;
  while (size !== reached.size) {
    size = reached.size;
    for (const { ref, at } of refs) {
      if (at[0] !== 'components' || reached.has(ownerOf(at))) reached.add(ownerOf(pathOf(ref)));
    }
  }
  const sections = entries(root.components);
  return sections.flatMap(([section, components]) =>
    Object.keys(components)
      .map((name) => ['components', section, name])
      .filter((at) => !section.startsWith('x-') && !reached.has(ownerOf(at)))
      .map((at) => ({
        rule: 'unused-component',
        at,
        message: `No operation reaches ${pointerOf(at)}.`,
        wayOut: 'Use it or delete it.',
      })),
  );
}

/** The component that a place belongs to. */
const ownerOf = (at: Path) => pointerOf(at.slice(0, 3));

const schemePointer = (name: string) => pointerOf(['components', 'securitySchemes', name]);

function securityNames(nodes: JsonObject[]): string[] {
  return nodes
    .flatMap(({ security }) => (Array.isArray(security) ? security : []))
    .flatMap((one) => (isObject(one) ? Object.keys(one) : []));
}
