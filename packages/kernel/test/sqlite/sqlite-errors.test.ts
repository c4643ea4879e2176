import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isBusy, isSqliteError } from '../../src/sqlite/sqlite-errors.js';

describe('telling errors of SQLite', () => {
  it('knows one of another realm, as a native addon throws them in every realm but the first that loaded it', () => {
    const foreign: unknown = runInNewContext(`Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })`);
    expect(foreign).not.toBeInstanceOf(Error);
    expect(isSqliteError(foreign)).toBe(true);
    expect(isBusy(foreign)).toBe(true);
  });

  it.each([null, undefined, 'database is locked', new Error('locked'), { code: 'EACCES' }])(
    'leaves %p alone',
    (thrown) => {
      expect(isBusy(thrown)).toBe(false);
    },
  );
});
