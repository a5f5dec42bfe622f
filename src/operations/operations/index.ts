export { cancelOperation } from './cancelOperation';
export { getOperation } from './getOperation';
export { listOperations } from './listOperations';
