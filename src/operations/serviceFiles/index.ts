export { attachServiceFile } from './attachServiceFile';
export { detachServiceFile } from './detachServiceFile';
export { getServiceFile } from './getServiceFile';
export { listServiceFiles } from './listServiceFiles';
export { updateServiceFile } from './updateServiceFile';
