export * from './builds';
export * from './droplets';
export * from './packages';
