import type { OperationId } from '../../../generated/operations';
import validators from '../../../generated/validators';
import { OauthProblem } from '../../domain/cloudFoundry/oauthProblem';
import type { Exchange } from '../exchange';
import type { OperationFacts } from '../operationFacts';
import { readForm } from './form';

/**
 * A request of the token service: its body is a form, good once it is made (else 400). What nobody knows in a form, a
 * query or a header is ignored, as clients of such services expect; so is a body where none is taken.
 */
export async function readTokenRequest(
  operationId: OperationId,
  path: Record<string, string>,
  { request }: Exchange,
  facts: OperationFacts,
) {
  const form = facts.body ? await readForm(request) : undefined;
  if (form) requireMembers(operationId, form);
  return {
    path,
    header: (name: string) => request.headers[name] as string | undefined,
    body: () => form,
    requireValid() {},
  };
}

/** All members are texts, so that one can only be missing. */
function requireMembers(operationId: OperationId, form: Record<string, string>): void {
  const validate = validators[`body_${operationId}`];
  if (!validate || validate(form)) return;
  const missing = (validate.errors ?? []).flatMap(({ params }) => (params.missingProperty as string | undefined) ?? []);
  throw new OauthProblem('invalid_request', `The form lacks ${missing.join(', ')}.`);
}
