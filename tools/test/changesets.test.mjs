import { describe, expect, it } from '@jest/globals';
import { checkChangesets } from '../checks/changesets.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

describe('the pending changesets', () => {
  it('name packages that exist, and signalbox wherever its bundle changes', () => {
    expect(checkChangesets(root)).toEqual([]);
  });
});

const REPOSITORY = {
  'packages/kernel/package.json': { name: '@signalbox/kernel' },
  'packages/runtime/package.json': { name: '@signalbox/runtime', dependencies: { '@signalbox/kernel': '^0.1.0' } },
  'packages/store-postgres/package.json': { name: '@signalbox/store-postgres' },
  'packages/testkit/package.json': { name: '@signalbox/testkit', private: true },
  'apps/cli/package.json': {
    name: 'signalbox',
    devDependencies: { '@signalbox/runtime': '^0.1.0', '@signalbox/testkit': '^0.1.0' },
  },
};
const check = (text) => withTree({ ...REPOSITORY, '.changeset/brave-cat.md': text }, checkChangesets);
const bumps = (...lines) => `---\n${lines.join('\n')}\n---\n\nSays what changed.\n`;

describe('the check of changesets', () => {
  it('takes one that names a library and the app, one for a library outside the bundle, and an empty one', () => {
    expect(check(bumps("'@signalbox/runtime': minor", "'signalbox': patch"))).toEqual([]);
    expect(check(bumps("'@signalbox/store-postgres': patch"))).toEqual([]);
    expect(check(bumps('signalbox: patch'))).toEqual([]);
    expect(check('---\n---\n')).toEqual([]);
  });

  it('finds a package that does not exist', () => {
    expect(check(bumps("'@signalbox/rumtime': minor"))).toEqual([
      '.changeset/brave-cat.md names @signalbox/rumtime, which does not exist',
    ]);
  });

  it('finds a library of the bundle without the app: it lists libraries for development only, so it would not be bumped', () => {
    const missed = (name) => [`.changeset/brave-cat.md names ${name}, and not signalbox, which bundles it`];
    expect(check(bumps("'@signalbox/runtime': minor"))).toEqual(missed('@signalbox/runtime'));
    expect(check(bumps("'@signalbox/kernel': patch"))).toEqual(missed('@signalbox/kernel'));
    expect(check(bumps("'@signalbox/kernel': patch", 'signalbox: none'))).toEqual(missed('@signalbox/kernel'));
  });

  it('finds a bump that is none, and a file that is no changeset', () => {
    expect(check(bumps('signalbox: huge'))).toEqual(['.changeset/brave-cat.md bumps signalbox by "huge"']);
    expect(check('Says what changed.\n')).toEqual(['.changeset/brave-cat.md does not begin with a list of packages']);
  });
});
