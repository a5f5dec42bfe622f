export { getPlatformInfo } from './getPlatformInfo';
export { getV3Root } from './getV3Root';
