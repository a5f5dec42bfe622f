import type { OperationId } from '../../../generated/operations';
import validators from '../../../generated/validators';
import { OauthProblem } from '../../domain/cloudFoundry/oauthProblem';
import { type AnyHandler, common, countRequest, type DispatchParts, finish, inTransaction } from '../dispatch';
import type { Exchange } from '../exchange';
import type { OperationFacts } from '../operationFacts';
import { render } from '../respond';
import { readForm } from './form';

/**
 * As `dispatcher`, for the token service: bodies are forms, and what nobody knows in a query, a form or a header is
 * ignored, as clients of such services expect. No answer is kept for a retry: each would hold a token.
 */
export function tokenDispatcher(operationId: OperationId, facts: OperationFacts, handler: AnyHandler, parts: DispatchParts) {
  return async (exchange: Exchange, path: Record<string, string>): Promise<void> => {
    await countRequest(exchange, facts, parts.rateLimits);
    const body = facts.body ? validForm(operationId, await readForm(exchange.request)) : undefined;
    const header = (name: string) => exchange.request.headers[name] as string | undefined;
    const request = { path, header, body: () => body, query: () => ({}) };
    const call = (context: object) => handler(request, { ...common(exchange, parts), ...context });
    const answer =
      facts.role === 'public'
        ? await call(parts.publicNeeds)
        : await inTransaction({ exchange, operationId, parts }, (context) => call(context));
    finish(exchange, facts, render(answer, facts), false);
  };
}

function validForm(operationId: OperationId, form: Record<string, string>): Record<string, string> {
  const validate = validators[`body_${operationId}`];
  if (!validate || validate(form)) return form;
  const missing = (validate.errors ?? []).flatMap(({ params }) => (params.missingProperty as string | undefined) ?? []);
  throw new OauthProblem('invalid_request', `The form lacks ${missing.join(', ')}.`);
}
