export { createApiToken } from './createApiToken';
export { createMyApiToken } from './createMyApiToken';
export { deleteApiToken } from './deleteApiToken';
export { deleteMyApiToken } from './deleteMyApiToken';
export { getApiToken } from './getApiToken';
export { getMyApiToken } from './getMyApiToken';
export { listApiTokens } from './listApiTokens';
export { listMyApiTokens } from './listMyApiTokens';
