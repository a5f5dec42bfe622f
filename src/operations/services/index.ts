export { createService } from './createService';
export { deleteService } from './deleteService';
export { getService } from './getService';
export { listServices } from './listServices';
export { listServiceTypeCounts } from './listServiceTypeCounts';
export { resolveServiceCommand } from './resolveServiceCommand';
export { updateService } from './updateService';
