export { createServer } from './createServer';
export { deleteServer } from './deleteServer';
export { getServer } from './getServer';
export { listServerMetrics } from './listServerMetrics';
export { listServers } from './listServers';
export { updateServer } from './updateServer';
