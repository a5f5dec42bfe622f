import { type Problem, pointerOf } from '../findings';
import { type Contract, entries, valueAt } from '../model';
import { ownerOf, reachOf, refsOf } from '../reach';
import { pathOf } from '../source';

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

/**
 * unused-component: nothing reaches it from an operation. Components that only use each other are unused too, so it is
 * reachability that counts and not being named.
 */
export function unusedComponents(contract: Contract): Problem[] {
  const reached = new Set([...reachOf(contract).values()].flatMap((one) => [...one]));
  return entries(contract.root.components)
    .filter(([section]) => !section.startsWith('x-'))
    .flatMap(([section, components]) => Object.keys(components).map((name) => ['components', section, name]))
    .filter((at) => !reached.has(ownerOf(at)))
    .map((at) => ({
      rule: 'unused-component',
      at,
      message: `No operation reaches ${pointerOf(at)}.`,
      wayOut: 'Use it or delete it.',
    }));
}
