import { describe, expect, it } from '@jest/globals';
import { checkInternalRanges, checkPublished, fitsCaret } from '../checks/manifests.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

describe('the manifests', () => {
  it('say of every published package what npm and its readers need', () => {
    expect(checkPublished(root)).toEqual([]);
  });

  it('ask for versions of each other that are the ones here', () => {
    expect(checkInternalRanges(root)).toEqual([]);
  });
});

const COMPLETE = {
  name: '@signalbox/audit',
  version: '0.1.0',
  description: 'A ledger',
  license: 'MIT',
  repository: { url: 'git+https://example.invalid/x.git', directory: 'packages/audit' },
  files: ['dist'],
  engines: { node: '>=20' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  publishConfig: { access: 'public' },
};
const checkOne = (changes) =>
  withTree({ 'packages/audit/package.json': { ...COMPLETE, ...changes } }, checkPublished).map((problem) =>
    problem.replace('packages/audit/package.json ', ''),
  );

describe('the check of manifests', () => {
  it('finds nothing in a complete one, and does not look at a private one', () => {
    expect(checkOne({})).toEqual([]);
    expect(checkOne({ private: true, version: undefined, license: undefined })).toEqual([]);
  });

  it.each([
    [{ version: undefined }, 'has no version'],
    [{ description: '' }, 'has no description'],
    [{ files: undefined }, 'has no files'],
    [{ license: 'ISC' }, 'has the license ISC, not MIT'],
    [{ engines: { npm: '>=10' } }, 'does not say which Node it needs'],
    [
      { repository: { ...COMPLETE.repository, directory: 'packages/a' } },
      'does not name its directory in the repository',
    ],
    [{ publishConfig: undefined }, 'is not published with public access'],
    [{ exports: undefined }, 'has no exports'],
    [{ exports: { '.': { default: './dist/index.js' } } }, 'has no types for .'],
    [{ exports: { '.': './dist/index.js' } }, 'has no types for .'],
    [{ exports: { '.': { default: './a.js', types: './a.d.ts' } } }, 'has no default after types in .'],
  ])('finds %j', (changes, problem) => {
    expect(checkOne(changes)).toEqual([problem]);
  });

  it('finds a range that the version here has left behind', () => {
    const files = {
      'packages/kernel/package.json': { name: '@signalbox/kernel', version: '0.2.0' },
      'packages/audit/package.json': {
        name: '@signalbox/audit',
        dependencies: { '@signalbox/kernel': '^0.1.0', zod: '^4.0.0' },
      },
    };
    expect(withTree(files, checkInternalRanges)).toEqual([
      'packages/audit wants @signalbox/kernel ^0.1.0, which is at 0.2.0',
    ]);
  });

  it.each([
    ['0.1.0', '^0.1.0', true],
    ['0.1.7', '^0.1.2', true],
    ['0.1.1', '^0.1.2', false],
    ['0.2.0', '^0.1.0', false],
    ['1.9.0', '^1.2.3', true],
    ['1.2.2', '^1.2.3', false],
    ['2.0.0', '^1.2.3', false],
    ['0.0.4', '^0.0.3', false],
    ['0.1.0', '0.1.0', false],
    ['0.1.0', '*', false],
  ])('knows whether %s is in %s', (version, range, fits) => {
    expect(fitsCaret(version, range)).toBe(fits);
  });
});
