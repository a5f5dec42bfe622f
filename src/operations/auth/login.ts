import type { Role } from '../../domain/access/scopes';
import { Problem } from '../../domain/errors';
import { json, type PublicHandler } from '../handler';
import { type SignInNeeds, signIn } from './signIn';

export interface LoginNeeds extends SignInNeeds {
  loginTtlSeconds: number;
  signLogin(login: { id: string; userId: string; issuedAt: Date; expiresAt: Date }): Promise<string>;
}

export const login: PublicHandler<'login', LoginNeeds> = async (request, context) => {
  const { email, password } = request.body();
  const signedIn = await signIn(context, { operationId: 'login', email, password, ttlSeconds: context.loginTtlSeconds });
  if (!signedIn) {
    throw new Problem('unauthorized', {
      message: 'E-mail or password is wrong.',
      hint: 'After some failures further attempts are refused for a while.',
    });
  }
  const { user, opening } = signedIn;
  return json({
    token: await context.signLogin({ ...opening, userId: user.id }),
    expiresAt: opening.expiresAt.toISOString(),
    user: { id: user.id, email: user.email, name: user.name, role: user.role as Role },
  });
};
