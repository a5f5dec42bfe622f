export { listAppRoutes } from './listAppRoutes';
export { listRoutes } from './listRoutes';
