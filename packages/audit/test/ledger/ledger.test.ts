import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson, createIds } from '@signalbox/kernel';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { createFakeClock } from '@signalbox/testkit';
import { openLedger, parseEntry } from '../../src/index.js';
import { formatLeaf } from '../../src/ledger/entry.js';
import { Frontier } from '../../src/merkle/frontier.js';
import { hashLeaf } from '../../src/merkle/leaf.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

let store: TestStore;
beforeEach(() => {
  store = createTestStore();
});
afterEach(() => store.remove());

const storedLines = (): string[] => [...store.ledger.lines()].map(({ line }) => line);
const kinds = (filter: Parameters<TestStore['ledger']['read']>[0]): string[] =>
  store.ledger.read(filter).map(({ kind }) => kind);

describe('openLedger', () => {
  it('starts a new log with an entry that states its id', () => {
    const [first] = store.ledger.read();
    const { logId, size } = store.ledger.head();
    expect(first).toMatchObject({ seq: 1, kind: 'log.created', actor: 'system', subject: `log/${logId}` });
    expect(first?.data).toEqual({ log: logId, format: 1 });
    expect(size).toBe(1);
  });

  it('goes on with the same log when opened again', () => {
    const before = store.ledger.head();
    expect(openLedger(store.db, store.env).head()).toEqual(before);
  });

  it('starts no second log beside entries whose head is gone', () => {
    store.db.exec('DELETE FROM ledger_head');
    expect(() => openLedger(store.db, store.env)).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
  });

  it('lets two connections write one log in turn', () => {
    const other = openSqlite(store.db.file);
    const second = openLedger(other, store.env);
    store.append(entry('a.one', 'x/1'));
    transact(other, () => second.append([entry('a.two', 'x/1')], other));
    store.append(entry('a.three', 'x/1'));
    other.close();
    expect(kinds({ after: 1 })).toEqual(['a.one', 'a.two', 'a.three']);
  });

  it('works the same over node:sqlite where there is one', () => {
    let db: ReturnType<typeof openSqlite>;
    try {
      db = openSqlite(`${store.dir}/other.db`, { drivers: ['node:sqlite'] });
    } catch {
      return; // Node 20 has none
    }
    const ledger = openLedger(db, store.env);
    transact(db, () => ledger.append([entry('a.b', 'x/1')], db));
    expect(ledger.head().size).toBe(2);
    db.close();
  });
});

describe('append', () => {
  it('writes these exact bytes', () => {
    const clock = createFakeClock();
    const db = openSqlite(`${store.dir}/pinned.db`);
    const ids = createIds(clock, (count) => new Uint8Array(count));
    const ledger = openLedger(db, { clock, ids, source: '/projects/pinned' });
    transact(db, () => ledger.append([entry('task.created', 'task/tsk_1', { title: 'Grüße' })], db));
    const lines = [...ledger.lines()].map(({ line }) => line);
    db.close();
    expect(lines).toEqual([
      '{"actor":"system","data":{"format":1,"log":"log_1kdvdna0000000000"},"datacontenttype":"application/json","id":"ent_1kdvdna0000000001","prevhash":"sha256:0000000000000000000000000000000000000000000000000000000000000000","sequence":"00000000000000000001","source":"/projects/pinned","specversion":"1.0","subject":"log/log_1kdvdna0000000000","time":"2026-01-01T00:00:00.000Z","type":"dev.signalbox.log.created.v1"}',
      '{"actor":"user:ana","data":{"title":"Grüße"},"datacontenttype":"application/json","id":"ent_1kdvdna0000000002","prevhash":"sha256:cd481ebecfb59438ae156d2c627d140282fb567a77e558ca8a278ea2cf1fa57a","sequence":"00000000000000000002","source":"/projects/pinned","specversion":"1.0","subject":"task/tsk_1","time":"2026-01-01T00:00:00.000Z","type":"dev.signalbox.task.created.v1"}',
    ]);
  });

  it('writes CloudEvents attributes in canonical JSON, chained by leaf hashes', () => {
    store.append(entry('task.created', 'task/tsk_1', { b: 2, a: 1 }), entry('task.claimed', 'task/tsk_1'));
    const lines = storedLines();
    for (const [i, line] of lines.entries()) {
      const event = JSON.parse(line) as Record<string, unknown>;
      expect(canonicalJson(event)).toBe(line);
      for (const name of Object.keys(event)) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      expect(event['sequence']).toBe(String(i + 1).padStart(20, '0'));
      const before = lines[i - 1];
      expect(event['prevhash']).toBe(before ? formatLeaf(hashLeaf(before)) : `sha256:${'0'.repeat(64)}`);
    }
  });

  it('keeps the head at the root of all lines', () => {
    for (let i = 0; i < 20; i++) store.append(entry('a.b', `x/${i}`));
    const tree = new Frontier();
    for (const line of storedLines()) tree.append(hashLeaf(line));
    expect(store.ledger.head()).toMatchObject({ size: 21, root: tree.root().toString('base64') });
  });

  it('leaves nothing behind when the transaction fails', () => {
    const before = store.ledger.head();
    expect(() =>
      transact(store.db, () => {
        store.ledger.append([entry('a.b', 'x/1')], store.db);
        throw new Error('the change failed');
      }),
    ).toThrow('the change failed');
    expect(store.ledger.head()).toEqual(before);
    expect(store.ledger.read()).toHaveLength(1);
  });

  it('writes nothing for no entries', () => {
    const before = store.ledger.head();
    store.append();
    expect(store.ledger.head()).toEqual(before);
  });

  it('refuses a transaction of another connection', () => {
    const other = openSqlite(store.db.file);
    const attempt = (): void => transact(other, () => store.ledger.append([entry('a.b', 'x/1')], other));
    expect(attempt).toThrow(expect.objectContaining({ code: 'FOREIGN_TRANSACTION' }));
    other.close();
  });

  it.each([
    ['a kind in upper case', { kind: 'Task.Created', actor: 'system', subject: 'x/1' }],
    ['a kind with a trailing dot', { kind: 'task.', actor: 'system', subject: 'x/1' }],
    ['no actor', { kind: 'a.b', actor: '', subject: 'x/1' }],
    ['no subject', { kind: 'a.b', actor: 'system', subject: '' }],
  ])('refuses an entry with %s', (_, fields) => {
    expect(() => store.append({ ...fields, data: {} })).toThrow(expect.objectContaining({ code: 'ENTRY_INVALID' }));
  });

  it('says so when its head is gone or contradicts itself', () => {
    store.db.exec("UPDATE ledger_head SET frontier = x'00'");
    expect(() => store.ledger.head()).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
    store.db.exec('DELETE FROM ledger_head');
    expect(() => store.append(entry('a.b', 'x/1'))).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
  });
});

describe('read', () => {
  beforeEach(() => {
    store.append(
      entry('task.created', 'task/tsk_a'),
      entry('task.claimed', 'task/tsk_a', { task: 'tsk_a' }),
      entry('attempt.started', 'attempt/att_1', { task: 'tsk_a' }),
      entry('task.created', 'task/tsk_b'),
      entry('taskless.thing', 'ai/codex'),
    );
  });

  it('finds entries by subject', () => {
    expect(kinds({ subject: 'task/tsk_a' })).toEqual(['task.created', 'task.claimed']);
  });

  it('finds everything about a task, whether it is the subject or named in the data', () => {
    expect(kinds({ task: 'tsk_a' })).toEqual(['task.created', 'task.claimed', 'attempt.started']);
  });

  it('takes a kind as it is, or as a prefix when it ends with a dot or a star', () => {
    expect(kinds({ kind: 'task.created' })).toEqual(['task.created', 'task.created']);
    expect(kinds({ kind: 'task.' })).toEqual(['task.created', 'task.claimed', 'task.created']);
    expect(kinds({ kind: 'task.*' })).toEqual(kinds({ kind: 'task.' }));
    expect(kinds({ kind: 'task*' })).toHaveLength(4);
    expect(kinds({ kind: '*' })).toHaveLength(6);
    expect(kinds({ kind: 'task' })).toEqual([]);
  });

  it('pages by cursor and limit, and combines conditions', () => {
    expect(store.ledger.read({ after: 1, limit: 2 }).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(kinds({ kind: 'task.', task: 'tsk_a', after: 2 })).toEqual(['task.claimed']);
    expect(kinds({ limit: 0 })).toEqual([]);
  });

  it('gives actor, time and data back', () => {
    expect(store.ledger.read({ kind: 'attempt.' })[0]).toEqual({
      seq: 4,
      id: expect.stringMatching(/^ent_[0-9a-z]{17}$/),
      kind: 'attempt.started',
      actor: 'user:ana',
      subject: 'attempt/att_1',
      time: '2026-01-01T00:00:00.000Z',
      data: { task: 'tsk_a' },
    });
  });

  it('refuses a line that is no entry', () => {
    expect(() => parseEntry(7, '{"type":"dev.signalbox.a.b.v2"}')).toThrow(
      expect.objectContaining({ code: 'LEDGER_DAMAGED', details: { seq: 7 } }),
    );
    expect(() => parseEntry(7, 'torn')).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
  });
});

describe('lines', () => {
  it('streams over several pages while the connection goes on writing', () => {
    store.append(...Array.from({ length: 1100 }, (_, i) => entry('a.b', `x/${i}`)));
    const seen: number[] = [];
    for (const { seq } of store.ledger.lines(5)) {
      if (seen.length === 0) store.append(entry('a.b', 'x/late'));
      seen.push(seq);
    }
    expect(seen).toEqual(Array.from({ length: 1102 - 5 }, (_, i) => i + 6));
  });
});
