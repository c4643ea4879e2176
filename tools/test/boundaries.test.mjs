import { describe, expect, it } from '@jest/globals';
import { checkBoundaries } from '../checks/boundaries.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

// Which package may import which. Domain packages never import each other; only the runtime knows its siblings.
const KERNEL = '@signalbox/kernel';
const RULES = '@signalbox/rules';
const ALLOWED = {
  '@signalbox/kernel': [],
  '@signalbox/rules': [],
  '@signalbox/task-core': [KERNEL, RULES],
  '@signalbox/policy': [KERNEL, RULES],
  '@signalbox/audit': [KERNEL],
  '@signalbox/connectors': [KERNEL],
  '@signalbox/router': [KERNEL],
  '@signalbox/runtime': [
    KERNEL,
    RULES,
    '@signalbox/task-core',
    '@signalbox/policy',
    '@signalbox/audit',
    '@signalbox/connectors',
    '@signalbox/router',
  ],
  '@signalbox/testkit': [KERNEL],
  signalbox: ['@signalbox/runtime', KERNEL],
};
// The testkit builds on the kernel, and the rules stand alone.
const WITHOUT_TESTKIT = [KERNEL, RULES];

describe('the direction of imports', () => {
  it('is the one of the table, in every manifest and in every import', () => {
    expect(checkBoundaries(root, ALLOWED, WITHOUT_TESTKIT)).toEqual([]);
  });
});

const TABLE = { '@signalbox/kernel': [], '@signalbox/audit': ['@signalbox/kernel'], signalbox: ['@signalbox/audit'] };
const SOUND = {
  'packages/kernel/package.json': { name: '@signalbox/kernel' },
  'packages/audit/package.json': { name: '@signalbox/audit', dependencies: { '@signalbox/kernel': '^0.1.0' } },
  'packages/audit/src/index.ts': "import { a } from '@signalbox/kernel/sqlite';\n// import '@signalbox/policy';\n",
  'apps/cli/package.json': { name: 'signalbox', devDependencies: { '@signalbox/audit': '^0.1.0' } },
};
const check = (files, table = TABLE) =>
  withTree({ ...SOUND, ...files }, (planted) => checkBoundaries(planted, table, ['@signalbox/kernel']));

describe('the check of the direction of imports', () => {
  it('finds nothing in a repository that keeps to its table', () => {
    expect(check({})).toEqual([]);
  });

  it.each([
    ['static import', "import { a } from '@signalbox/policy';"],
    ['import of a subpath', "import { a } from '@signalbox/policy/file';"],
    ['import for its effect', "import '@signalbox/policy';"],
    ['type-only import', "import type { A } from '@signalbox/policy';"],
    ['import of a type in place', "export type A = import('@signalbox/policy').A;"],
    ['dynamic import', "const a = await import('@signalbox/policy');"],
    ['re-export', "export { a } from '@signalbox/policy';"],
    ['re-export of everything', "export * from '@signalbox/policy';"],
    ['require', "const a = require('@signalbox/policy');"],
  ])('finds a new edge that is a %s', (_, code) => {
    expect(check({ 'packages/audit/src/more.ts': code })).toEqual([
      'packages/audit/src/more.ts:1 imports @signalbox/policy',
    ]);
  });

  it('finds a relative path that leaves the package, and not one that stays', () => {
    const code = "import './near.js';\nimport '../../kernel/src/index.js';\n";
    expect(check({ 'packages/audit/src/more.ts': code })).toEqual([
      'packages/audit/src/more.ts:2 reaches out of its package to ../../kernel/src/index.js',
    ]);
  });

  it('finds the testkit in code that ships, and leaves tests alone', () => {
    const code = "import { createFakeClock } from '@signalbox/testkit';";
    expect(check({ 'packages/audit/src/more.ts': code, 'packages/audit/test/a.test.ts': code })).toEqual([
      'packages/audit/src/more.ts:1 imports @signalbox/testkit',
    ]);
  });

  it.each(['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies'])(
    'finds a new edge in the %s of a package',
    (field) => {
      const manifest = { name: '@signalbox/audit', [field]: { '@signalbox/policy': '^0.1.0' } };
      expect(check({ 'packages/audit/package.json': manifest })).toEqual([
        `packages/audit/package.json has @signalbox/policy in ${field}`,
      ]);
    },
  );

  it('wants what a package imports where installing it brings it along: not in devDependencies, unless it is an app', () => {
    const manifest = { name: '@signalbox/audit', devDependencies: { '@signalbox/kernel': '^0.1.0' } };
    expect(check({ 'packages/audit/package.json': manifest })).toEqual([
      'packages/audit/package.json has @signalbox/kernel in devDependencies',
    ]);
  });

  it('lets the testkit be a devDependency, except of what it builds on', () => {
    const testkit = { '@signalbox/testkit': '^0.1.0' };
    const found = check({
      'packages/kernel/package.json': { name: '@signalbox/kernel', devDependencies: testkit },
      'packages/audit/package.json': { name: '@signalbox/audit', devDependencies: testkit },
      'apps/cli/package.json': { name: 'signalbox', dependencies: testkit },
    });
    expect(found).toEqual([
      'packages/kernel/package.json has @signalbox/testkit in devDependencies',
      'apps/cli/package.json has @signalbox/testkit in dependencies',
    ]);
  });

  it('finds a testkit that could be published', () => {
    const table = { ...TABLE, '@signalbox/testkit': [] };
    expect(check({ 'packages/testkit/package.json': { name: '@signalbox/testkit' } }, table)).toEqual([
      '@signalbox/testkit is not private',
    ]);
  });

  it('finds a package that the table does not know, and a row of the table without a package', () => {
    expect(check({ 'packages/extra/package.json': { name: '@signalbox/extra' } })).toEqual([
      '@signalbox/extra is not in the table of edges',
    ]);
    expect(check({}, { ...TABLE, '@signalbox/gone': [] })).toEqual([
      '@signalbox/gone is in the table of edges and does not exist',
    ]);
  });
});
