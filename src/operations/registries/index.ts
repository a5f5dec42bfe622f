export { createRegistry } from './createRegistry';
export { deleteRegistry } from './deleteRegistry';
export { getRegistry } from './getRegistry';
export { listRegistries } from './listRegistries';
export { listRegistryServices } from './listRegistryServices';
export { updateRegistry } from './updateRegistry';
