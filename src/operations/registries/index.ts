export { createRegistry } from './createRegistry';
export { deleteRegistry } from './deleteRegistry';
export { getRegistry } from './getRegistry';
export { listRegistries } from './listRegistries';
export { updateRegistry } from './updateRegistry';
