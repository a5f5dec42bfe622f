export * from './apps';
export * from './droplets';
export * from './processes';
