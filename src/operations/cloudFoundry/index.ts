export * from './apps';
export * from './builds';
export * from './droplets';
export * from './packages';
export * from './processes';
export * from './uaa';
