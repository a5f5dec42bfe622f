export { createServiceAccount } from './createServiceAccount';
export { deleteServiceAccount } from './deleteServiceAccount';
export { getServiceAccount } from './getServiceAccount';
export { listServiceAccounts } from './listServiceAccounts';
export { updateServiceAccount } from './updateServiceAccount';
