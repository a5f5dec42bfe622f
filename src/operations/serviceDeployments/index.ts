export { createServiceDeployment } from './createServiceDeployment';
export { deleteServiceDeployment } from './deleteServiceDeployment';
export { getServiceDeployment } from './getServiceDeployment';
export { listServiceDeployments } from './listServiceDeployments';
export { previewServiceDeployment } from './previewServiceDeployment';
export { updateServiceDeployment } from './updateServiceDeployment';
