export { getSystemSettings } from './getSystemSettings';
export { resetSystemSettings } from './resetSystemSettings';
export { updateSystemSettings } from './updateSystemSettings';
