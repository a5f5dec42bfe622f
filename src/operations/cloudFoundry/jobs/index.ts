export { getJob } from './getJob';
