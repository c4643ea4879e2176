import { describe, expect, it } from '@jest/globals';
import { checkLock } from '../checks/lock.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

describe('package-lock.json', () => {
  it('is in step with the manifests and names no registry', () => {
    expect(checkLock(root)).toEqual([]);
  });
});

const kernel = { name: '@signalbox/kernel', version: '0.1.0', dependencies: { zod: '^4.0.0' } };
const tools = { name: '@signalbox/tools', version: '0.0.0' };
const monorepo = { name: 'monorepo', version: '0.0.0' };
const LOCK = {
  '': monorepo,
  'packages/kernel': kernel,
  tools,
  'node_modules/@signalbox/kernel': { resolved: 'packages/kernel', link: true },
  'node_modules/@signalbox/tools': { resolved: 'tools', link: true },
  'node_modules/zod': { version: '4.6.7' },
};
const check = (changes) =>
  withTree(
    {
      'package.json': monorepo,
      'tools/package.json': tools,
      'packages/kernel/package.json': kernel,
      'package-lock.json': { packages: { ...LOCK, ...changes } },
    },
    checkLock,
  );

describe('the check of package-lock.json', () => {
  it('finds nothing in one that fits', () => {
    expect(check({})).toEqual([]);
  });

  it('finds the address of a registry', () => {
    expect(check({ 'node_modules/zod': { resolved: 'https://registry.invalid/zod.tgz' } })).toEqual([
      'package-lock.json fixes where node_modules/zod comes from: https://registry.invalid/zod.tgz',
    ]);
  });

  it('finds a version and a dependency that have moved on', () => {
    expect(check({ 'packages/kernel': { ...kernel, version: '0.0.9', dependencies: {} } })).toEqual([
      'package-lock.json has another version for packages/kernel',
      'package-lock.json has another dependencies for packages/kernel',
    ]);
  });

  it('finds a workspace that is missing, unlinked or gone', () => {
    expect(check({ 'packages/kernel': undefined })).toEqual(['package-lock.json does not have packages/kernel']);
    expect(check({ 'node_modules/@signalbox/kernel': undefined })).toEqual([
      'package-lock.json does not link @signalbox/kernel to packages/kernel',
    ]);
    expect(check({ 'packages/gone': {} })).toEqual(['package-lock.json has packages/gone, which is not a workspace']);
  });
});
