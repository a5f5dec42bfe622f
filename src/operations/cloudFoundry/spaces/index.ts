export { getSpace } from './getSpace';
export { listSpaces } from './listSpaces';
export { updateSpace } from './updateSpace';
