export { createConfigFragment } from './createConfigFragment';
export { deleteConfigFragment } from './deleteConfigFragment';
export { getConfigFragment } from './getConfigFragment';
export { listConfigFragments } from './listConfigFragments';
export { updateConfigFragment } from './updateConfigFragment';
