export { createOauthToken } from './createOauthToken';
export { getLoginPrompts } from './getLoginPrompts';
export { getTokenKeys } from './getTokenKeys';
export { revokeOauthToken } from './revokeOauthToken';
