import { contractVersion } from '../../../../generated/operations';
import { json, type PublicHandler } from '../../handler';
import type { RootNeeds } from '../../health/getRoot';

export const getLoginPrompts: PublicHandler<'getLoginPrompts', RootNeeds> = async (_request, { publicUrl }) => {
  const service = `${publicUrl()}/uaa`;
  return json({
    app: { version: contractVersion },
    prompts: { username: ['text', 'Email'], password: ['password', 'Password'] },
    links: { login: service, uaa: service },
  });
};
