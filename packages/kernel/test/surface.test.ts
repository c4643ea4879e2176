import { describe, expect, it } from '@jest/globals';
import * as kernel from '../src/index.js';
import * as sqlite from '../src/sqlite/index.js';

describe('the surface of the package', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(kernel).sort()).toEqual([
      'KernelError',
      'SignalboxError',
      'canonicalJson',
      'createIds',
      'digestOf',
      'isSignalboxError',
      'isoTime',
      'messageOf',
      'randomToken',
      'sha256',
      'sleep',
      'systemClock',
    ]);
  });

  it('exports these names under ./sqlite', () => {
    expect(Object.keys(sqlite).sort()).toEqual(['assertUsable', 'migrate', 'openSqlite', 'transact']);
  });

  it('knows these error codes', () => {
    const codes: Record<kernel.KernelErrorCode, true> = {
      NOT_JSON: true,
      SQLITE_UNAVAILABLE: true,
      STORE_BUSY: true,
      BACKUP_FAILED: true,
      STORE_NEWER: true,
      STORE_UNREADABLE: true,
    };
    expect(Object.keys(codes)).toHaveLength(6);
  });
});
