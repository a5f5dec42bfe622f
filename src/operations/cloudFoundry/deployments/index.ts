export { listDeploymentsV3 } from './listDeploymentsV3';
