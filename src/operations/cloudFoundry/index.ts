export * from './droplets';
export * from './uaa';
