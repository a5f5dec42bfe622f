import { type PublicHandler, raw } from '../handler';

export const getPlainHealth: PublicHandler<'getPlainHealth', object> = async () => raw('text/plain', 'ok');
