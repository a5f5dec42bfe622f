import { visible } from '../../domain/access/principal';
import { type Issue, invalid, type UpstreamFailure } from '../../domain/errors';
import { repositoryPathProblem } from '../../domain/images/reference';
import { completedPath, shownHost } from '../../domain/registries/connectionFor';
import { problemOfRegistryFailure, timeIsOver } from '../../domain/registries/registryFailure';
import type { ConnectionTest, RegistryAccess } from '../../integrations/oci/client';
import { accessOf } from '../../jobs/registryAccess';
import { findRegistry, type RegistryRow } from '../../store/registries';
import { type Handler, json, type OutsideContext } from '../handler';
import { clientGone, isGone } from './upstream';
import { toConnection, toConnectionCheck, toRegistry } from './view';

export const testRegistry: Handler<'testRegistry'> = async (request, context) => {
  const { id } = request.path;
  const row = visible(context.principal, await findRegistry(context.db, id), 'registry', id);
  const { repository = null } = request.body();
  const issues = repository === null ? [] : repositoryIssues(repository);
  if (issues.length > 0) throw invalid(issues);
  request.precondition(row.version, () => toRegistry(row));

  const { signal, requestId } = context;
  const access = accessOf(row, context.keyring);
  const path = repository && completedPath(toConnection(row), repository);
  const test = await context.registryClient.test(access, path, { signal, requestId });
  if (isGone(signal)) throw clientGone();
  const told = failureOf(test, access);
  await auditTest(context, row, path, told?.failure);

  const checks = test.checks.map(toConnectionCheck);
  if (told) throw problemOfRegistryFailure(told.failure, told.hint, context.now(), { checks });
  return json({ success: true, message: messageOf(access), checks, rateLimit: test.rateLimit });
};

function repositoryIssues(repository: string): Issue[] {
  const problem = repositoryPathProblem(repository);
  return problem ? [{ in: 'body', field: 'repository', ...problem }] : [];
}

function failureOf({ failure }: ConnectionTest, access: RegistryAccess): { failure: UpstreamFailure; hint: string } | null {
  return failure?.cutOff ? timeIsOver(access.name, shownHost(access)) : failure;
}

const auditTest = ({ transact }: OutsideContext, row: RegistryRow, path: string | null, failure: UpstreamFailure | undefined) =>
  transact(({ audit }) =>
    audit({
      action: 'test',
      resourceType: 'registry',
      resourceId: row.id,
      resourceName: row.name,
      environmentId: row.environment_id,
      details: { repository: path, reason: failure?.reason ?? null },
      success: failure === undefined,
      ...(failure ? { error: failure.message } : {}),
    }),
  );

function messageOf(access: RegistryAccess): string {
  const anonymous = access.password === null && access.token === null;
  const host = shownHost(access);
  return anonymous
    ? `${host} answers, also without credentials.`
    : `${host} answers, and takes the credentials of "${access.name}".`;
}
