import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { FAKE_START } from '@signalbox/testkit';
import { followLedger, type LedgerFilter, openCursors, openLedger } from '../../src/index.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

let store: TestStore;
beforeEach(() => {
  store = createTestStore();
});
afterEach(() => store.remove());
const seqs = (filter: LedgerFilter): number[] => store.ledger.read(filter).map(({ seq }) => seq);

describe('filters', () => {
  const DAY = 86_400_000;
  beforeEach(async () => {
    // Six blocks of 256: two of each kind, a day apart, one actor of its own.
    for (const [day, kind] of ['a.one', 'b.two', 'c.three'].entries()) {
      const actor = kind === 'b.two' ? 'ai:co"dex' : 'user:ana';
      store.append(...Array.from({ length: 512 }, (_, n) => ({ ...entry(kind, `x/${n}`), actor })));
      await store.clock.advance(day < 2 ? DAY : 0);
    }
  });

  it('find by kind and its beginning what lies in a few blocks of many', () => {
    expect(seqs({ kind: 'b.two' })).toEqual(Array.from({ length: 512 }, (_, i) => 514 + i));
    expect(seqs({ kind: 'c.', limit: 2 })).toEqual([1026, 1027]);
    expect(seqs({ kind: 'b.*', newestFirst: true, limit: 2 })).toEqual([1025, 1024]);
    expect(seqs({ kind: 'nothing' })).toEqual([]);
    expect(seqs({ kind: 'log.created' })).toEqual([1]);
  });

  it('find by time, the first one included and the last one not', () => {
    expect(seqs({ since: FAKE_START + DAY, until: FAKE_START + 2 * DAY })).toHaveLength(512);
    expect(seqs({ until: FAKE_START + 1, limit: 1, newestFirst: true })).toEqual([513]);
    expect(seqs({ since: FAKE_START + 2 * DAY + 1 })).toEqual([]);
  });

  it('find by actor, whatever its name, and page backwards', () => {
    expect(seqs({ actor: 'ai:co"dex', limit: 1 })).toEqual([514]);
    expect(seqs({ actor: 'ai:co"dex', before: 516 })).toEqual([514, 515]);
    expect(seqs({ actor: 'system' })).toEqual([1]);
    expect(seqs({ newestFirst: true, before: 4 })).toEqual([3, 2, 1]);
  });

  it('find what a block without a summary holds', () => {
    store.db.exec('DELETE FROM ledger_block WHERE block = 2');
    expect(seqs({ kind: 'b.two' })).toHaveLength(512);
  });
});

describe('a cursor', () => {
  it('gives entries until they are committed, and each one after that', () => {
    store.append(entry('a.b', 'x/1'), entry('c.d', 'x/2'), entry('a.b', 'x/3'));
    const cursors = openCursors(store.db, store.ledger);
    const first = cursors.read('mail', 2);
    expect(first.entries.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(cursors.read('mail', 2)).toEqual(first);
    transact(store.db, () => cursors.commit('mail', first.next, store.db));
    expect(cursors.read('mail', 5)).toMatchObject({ entries: [{ seq: 3 }, { seq: 4 }], next: 4 });
    expect(cursors.position('mail')).toBe(2);
    expect(cursors.position('other')).toBe(0);
  });

  it('passes over what is of another kind', () => {
    store.append(entry('a.b', 'x/1'), entry('c.d', 'x/2'), entry('e.f', 'x/3'));
    const cursors = openCursors(store.db, store.ledger);
    expect(cursors.read('mail', 9, 'c.')).toMatchObject({ entries: [{ seq: 3 }], next: 4 });
    expect(cursors.read('mail', 1, 'c.').next).toBe(3);
  });

  it('moves only with the work that it belongs to', () => {
    store.append(entry('a.b', 'x/1'));
    const cursors = openCursors(store.db, store.ledger);
    expect(() =>
      transact(store.db, () => {
        cursors.commit('mail', 2, store.db);
        throw new Error('the work failed');
      }),
    ).toThrow('the work failed');
    expect(cursors.position('mail')).toBe(0);
    const other = openSqlite(store.db.file);
    expect(() => cursors.commit('mail', 1, other)).toThrow(expect.objectContaining({ code: 'FOREIGN_TRANSACTION' }));
    other.close();
  });

  it('does not go back by a commit, but by a reset', () => {
    store.append(entry('a.b', 'x/1'), entry('a.b', 'x/2'));
    const cursors = openCursors(store.db, store.ledger);
    cursors.commit('mail', 3, store.db);
    cursors.commit('mail', 2, store.db);
    expect(cursors.list()).toEqual([{ name: 'mail', seq: 3 }]);
    cursors.reset('mail', 1);
    expect(cursors.position('mail')).toBe(1);
    cursors.remove('mail');
    expect(cursors.list()).toEqual([]);
  });

  it('is refused beyond the end, without a name, and for no entries', () => {
    const cursors = openCursors(store.db, store.ledger);
    const refused = expect.objectContaining({ code: 'CURSOR_INVALID' });
    for (const seq of [2, -1, 0.5]) expect(() => cursors.commit('mail', seq, store.db)).toThrow(refused);
    expect(() => cursors.reset('', 0)).toThrow(refused);
    expect(() => cursors.read('mail', 0)).toThrow(refused);
  });
});

describe('followLedger', () => {
  it('gives what this connection and others append, by the clock, until it is told to stop', async () => {
    const other = openSqlite(store.db.file);
    const second = openLedger(other, store.env);
    const stop = new AbortController();
    const seen: number[] = [];
    const options = { clock: store.clock, filter: { kind: 'a.' }, intervalMs: 100, signal: stop.signal };
    const following = (async () => {
      for await (const { seq } of followLedger(store.db, store.ledger, options)) seen.push(seq);
    })();
    await store.clock.advance(100);
    expect(seen).toEqual([]);
    store.append(entry('a.b', 'x/1'), entry('c.d', 'x/2'));
    await store.clock.advance(100);
    expect(seen).toEqual([2]);
    transact(other, () => second.append([entry('a.b', 'x/3')], other));
    await store.clock.advance(100);
    await store.clock.advance(100);
    expect(seen).toEqual([2, 4]);
    stop.abort();
    await following;
    other.close();
    expect(store.clock.pending()).toBe(0);
  });

  it('begins where it is told to, over several pages, and stops in the middle', async () => {
    store.append(...Array.from({ length: 600 }, (_, n) => entry('a.b', `x/${n}`)));
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const { seq } of followLedger(store.db, store.ledger, {
      clock: store.clock,
      filter: { after: 10 },
      signal: stop.signal,
    })) {
      seen.push(seq);
      if (seq === 590) stop.abort();
    }
    expect(seen).toEqual(Array.from({ length: 580 }, (_, i) => i + 11));
  });
});
