export { createVar } from './createVar';
export { deleteVar } from './deleteVar';
export { getVar } from './getVar';
export { listVars } from './listVars';
export { updateVar } from './updateVar';
