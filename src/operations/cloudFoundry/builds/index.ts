export { createBuild } from './createBuild';
export { getBuild } from './getBuild';
export { listAppBuilds } from './listAppBuilds';
export { listBuilds } from './listBuilds';
export { updateBuild } from './updateBuild';
