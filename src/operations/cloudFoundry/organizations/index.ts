export { getOrganization } from './getOrganization';
export { listOrganizations } from './listOrganizations';
export { updateOrganization } from './updateOrganization';
