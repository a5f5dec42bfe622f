export { createApp } from './createApp';
export { deleteApp } from './deleteApp';
export { getApp } from './getApp';
export { listApps } from './listApps';
export { restartApp } from './restartApp';
export { startApp } from './startApp';
export { stopApp } from './stopApp';
export { updateApp } from './updateApp';
