export * from './deployments';
export * from './discovery';
export * from './droplets';
export * from './jobs';
export * from './organizations';
export * from './routes';
export * from './spaces';
