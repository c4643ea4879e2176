// The tools are plain JavaScript and have no src: nothing to transform, no coverage to measure.
export default {
  displayName: 'tools',
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.mjs'],
  moduleFileExtensions: ['mjs', 'js', 'json'],
  transform: {},
  injectGlobals: false,
  collectCoverage: false,
};
