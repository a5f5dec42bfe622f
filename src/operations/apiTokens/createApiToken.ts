import type { Role } from '../../domain/access/scopes';
import type { Issue } from '../../domain/errors';
import { isId } from '../../domain/ids';
import type { Tx } from '../../store/database';
import { findServiceAccount } from '../../store/serviceAccounts';
import { findUser } from '../../store/users';
import { type BodyOf, created, type Handler } from '../handler';
import { issueToken, type TokenOwner } from './issue';
import { toApiToken } from './view';

export const createApiToken: Handler<'createApiToken'> = async (request, context) => {
  const { tx, principal } = context;
  const body = request.body();
  const { owner, issues } = await ownerOf(tx, body);
  const { token, row } = await issueToken(context, body, owner, issues);
  return created(`/api/admin/tokens/${row.id}`, 'tokenRecord', toApiToken(row, principal), row.version, { token });
};

async function ownerOf(tx: Tx, body: BodyOf<'createApiToken'>): Promise<{ owner?: TokenOwner; issues: Issue[] }> {
  const { ownerUserId, ownerServiceAccountId } = body;
  if ((ownerUserId === undefined) === (ownerServiceAccountId === undefined)) {
    const message = 'Exactly one of ownerUserId and ownerServiceAccountId is needed.';
    return { issues: [issue('ownerUserId', 'inconsistent', message, 'Name the user or the service account that the token is for.')] };
  }
  if (ownerUserId !== undefined) {
    const user = isId(ownerUserId) ? await findUser(tx, ownerUserId) : undefined;
    if (user) return { owner: { userId: user.id, serviceAccountId: null, ownerRole: user.role as Role }, issues: [] };
    return { issues: [issue('ownerUserId', 'unknown_reference', 'There is no such user.', 'listUsers shows their ids.')] };
  }
  const id = ownerServiceAccountId as string;
  const account = isId(id) ? await findServiceAccount(tx, id) : undefined;
  if (account) return { owner: { userId: null, serviceAccountId: account.id, ownerRole: account.role as Role }, issues: [] };
  const message = 'There is no such service account.';
  return { issues: [issue('ownerServiceAccountId', 'unknown_reference', message, 'listServiceAccounts shows their ids.')] };
}

const issue = (field: string, code: Issue['code'], message: string, hint: string): Issue => ({ in: 'body', field, code, message, hint });
