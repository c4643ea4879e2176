import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type TempDir } from '@signalbox/testkit';
import { openSqliteTaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';

const none = () => [];

let dir: TempDir;
let mine: SqlDatabase;
let other: SqlDatabase;

beforeEach(() => {
  dir = createTempDir();
  mine = openSqlite(join(dir.path, 'store.db'), { busyTimeoutMs: 1 });
  other = openSqlite(join(dir.path, 'store.db'));
});
afterEach(() => {
  mine.close();
  other.close();
  dir.remove();
});

describe('a SQLite store whose file another process keeps', () => {
  it('fails what is asked for meanwhile, heartbeats included, and works again afterwards', async () => {
    const clock = createFakeClock();
    const store = openSqliteTaskStore(mine, { clock, ids: createIds(clock), journal: { append: () => {} } });
    await store.create(parseTaskSpec({ title: 'x' }), 'user:ana', none);
    const claim = await store.claim({ holder: 'user:ana', ttlMs: 60_000 }, none);
    if (claim.status !== 'claimed') throw new Error('no claim');
    const ref = { task: claim.task.id, lease: claim.lease.id };

    other.exec('BEGIN IMMEDIATE');
    const claiming = store.claim({ holder: 'user:ana', ttlMs: 60_000 }, none);
    const outcomes = await Promise.allSettled([store.heartbeat(ref, none), store.heartbeat(ref, none), claiming]);
    // STORE_BUSY; the driver's own SQLITE_BUSY where jest has loaded it for another test file before.
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason.code));
    expect(codes).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/_BUSY$/)));
    other.exec('ROLLBACK');

    expect((await store.heartbeat(ref, none)).status).toBe('renewed');
    expect((await store.settle(ref, { kind: 'release' }, {}, none)).status).toBe('settled');
  });
});
