/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: { '^.+\\.(ts|js)$': ['@swc/jest'] },
  // ESM-only packages that Node 20 cannot require inside jest.
  transformIgnorePatterns: ['/node_modules/(?!(jose|uuidv7|lru-cache)/)', '/generated/.*\\.js$'],
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  reporters: ['default', '<rootDir>/test/support/statusCoverageReporter.js'],
  testTimeout: 30_000,
  maxWorkers: 2,
  // Each suite loads the program anew and leaves some of it behind; a worker that holds too much is replaced between two.
  workerIdleMemoryLimit: '2GB',
};
