export { createEnvironment } from './createEnvironment';
export { deleteEnvironment } from './deleteEnvironment';
export { getEnvironment } from './getEnvironment';
export { listEnvironments } from './listEnvironments';
export { updateEnvironment } from './updateEnvironment';
