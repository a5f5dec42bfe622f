export { getDroplet } from './getDroplet';
