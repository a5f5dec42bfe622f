export { createPackage } from './createPackage';
export { deletePackage } from './deletePackage';
export { getPackage } from './getPackage';
export { listAppPackages } from './listAppPackages';
export { listPackages } from './listPackages';
export { updatePackage } from './updatePackage';
