import { describe, expect, it } from '@jest/globals';
import { checkFiles, checkLibraryCode, checkTestCode } from '../checks/code-rules.mjs';
import { root } from '../lib/run.mjs';
import { withTree } from './plant.mjs';

const MAX_LINES = 400;

describe('the code of the packages', () => {
  it('takes time and chance as arguments, and prints nothing', () => {
    expect(checkLibraryCode(root)).toEqual([]);
  });

  it('is tested as it is: no module is replaced, no test is left out', () => {
    expect(checkTestCode(root)).toEqual([]);
  });

  it(`has no file over ${MAX_LINES} lines and no mark of unfinished work`, () => {
    expect(checkFiles(root, MAX_LINES)).toEqual([]);
  });
});

describe('the check of library code', () => {
  const check = (code, file = 'packages/audit/src/a.ts') => withTree({ [file]: code }, checkLibraryCode);

  it.each(['Date.now()', 'const now = Date.now;', 'new Date()', 'new Date', 'Date()', 'Math.random()'])(
    'finds %s',
    (code) => {
      expect(check(`// first line\n${code}`)).toEqual([
        'packages/audit/src/a.ts:2 takes time or chance from the machine',
      ]);
    },
  );

  it('finds console.log', () => {
    expect(check("console.log('x');")).toEqual(['packages/audit/src/a.ts:1 prints with console.log']);
  });

  it('is not misled by comments, strings and dates that are given', () => {
    expect(check("// Date.now()\n/* new Date() */ const a = 'Math.random()'; new Date(0).toISOString();")).toEqual([]);
  });

  it('lets the kernel read the clock in one file, and tests do as they like', () => {
    expect(check('Date.now();', 'packages/kernel/src/clock.ts')).toEqual([]);
    expect(check('Date.now();', 'packages/audit/test/a.test.ts')).toEqual([]);
  });
});

describe('the check of test code', () => {
  const check = (code) => withTree({ 'packages/audit/test/a.test.ts': code }, checkTestCode);

  it.each(['jest.mock', 'jest.doMock', 'jest.unstable_mockModule'])('finds %s', (call) => {
    expect(check(`${call}('./a.js', () => ({}));`)).toEqual([
      `packages/audit/test/a.test.ts:1 replaces a module with ${call}`,
    ]);
  });

  it.each(['it.only', 'test.skip', 'describe.only', 'it.concurrent.skip', 'xit', 'fdescribe'])('finds %s', (call) => {
    expect(check(`${call}('does', () => {});`)).toEqual([
      `packages/audit/test/a.test.ts:1 leaves tests out with ${call}`,
    ]);
  });

  it('finds a table of tests that is left out', () => {
    expect(check("it.skip.each([1])('does %i', () => {});")).toEqual([
      'packages/audit/test/a.test.ts:1 leaves tests out with it.skip',
    ]);
  });

  it('takes no offence at words and other calls', () => {
    expect(check("it('reads jest.mock', () => { cursor.skip(3); list.only(); });")).toEqual([]);
  });
});

describe('the check of files', () => {
  it('counts lines, but not those of a change log', () => {
    const long = 'x\n'.repeat(11);
    const files = {
      'packages/a/src/a.ts': long,
      'apps/b/test/b.ts': 'x\n'.repeat(10),
      'packages/a/CHANGELOG.md': long,
    };
    expect(withTree(files, (planted) => checkFiles(planted, 10))).toEqual(['packages/a/src/a.ts has 11 lines']);
  });

  it.each(['TODO', 'FIXME'])('finds %s in a comment', (mark) => {
    expect(withTree({ 'packages/a/src/a.ts': `\n// ${mark}: later` }, (planted) => checkFiles(planted, 10))).toEqual([
      `packages/a/src/a.ts:2 says ${mark}`,
    ]);
  });

  it('does not look at what was generated or installed', () => {
    const files = { 'packages/a/dist/a.js': '// TODO', 'packages/a/node_modules/b/b.js': '// TODO' };
    expect(withTree(files, (planted) => checkFiles(planted, 10))).toEqual([]);
  });
});
