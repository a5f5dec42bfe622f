import { type Principal, seesEnvironment } from './access/principal';
import type { Issue } from './errors';

/** A member of a body that names another object. */
export interface Reference {
  field: string;
  /** The product word for what it names. */
  noun: string;
  id: string;
}

/**
 * What is wrong with a reference to an object that must lie in `environmentId`; empty when it does. An object that the
 * principal may not see is as unknown as one that is not there.
 */
export function referenceIssues(
  { field, noun, id }: Reference,
  found: { environment_id: string } | undefined,
  environmentId: string,
  principal: Principal,
): Issue[] {
  if (found?.environment_id === environmentId) return [];
  if (!found || !seesEnvironment(principal, found.environment_id)) return [unknownReference({ field, noun, id })];
  const message = `The ${noun} "${id}" belongs to another environment.`;
  return [{ in: 'body', field, code: 'wrong_environment', message, hint: `Send the id of a ${noun} of this environment.` }];
}

/** A reference to something that is not there. */
export const unknownReference = ({ field, noun, id }: Reference): Issue => ({
  in: 'body',
  field,
  code: 'unknown_reference',
  message: `There is no ${noun} "${id.slice(0, 100)}".`,
  hint: `Send the id of a ${noun}, as its list answers it.`,
});
