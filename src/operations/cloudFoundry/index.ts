export * from './droplets';
