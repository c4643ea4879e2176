import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { openSqliteTaskStore } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { createTableJournal, openTestStore } from './support/open-test-store.js';

let opened: ReturnType<typeof openTestStore>;
beforeEach(() => {
  opened = openTestStore();
});
afterEach(() => opened.close());

const spec = parseTaskSpec({ title: 'A task' });
const entry = { kind: 'task.created', actor: 'user:ana', subject: 'task/x', data: {} };

describe('the journal of the SQLite store', () => {
  it('is given the connection whose transaction makes the change', async () => {
    const { db, clock } = opened;
    const given: unknown[] = [];
    const journal = { append: (_entries: unknown, transaction: unknown) => void given.push(transaction) };
    const store = openSqliteTaskStore(db, { clock, ids: createIds(clock), journal });
    await store.create(spec, 'user:ana', () => [entry]);
    expect(given).toEqual([db]);
    expect(given[0]).toBe(db);
  });

  it('takes the change back with it when it fails after it has written', async () => {
    const { db, clock } = opened;
    const table = createTableJournal(db);
    const journal = {
      append: (...args: Parameters<typeof table.append>) => {
        table.append(...args);
        throw new Error('The disk is full.');
      },
    };
    const store = openSqliteTaskStore(db, { clock, ids: createIds(clock), journal });
    await expect(store.create(spec, 'user:ana', () => [entry])).rejects.toThrow('The disk is full.');
    expect(table.entries()).toEqual([]);
    expect((await opened.store.list()).tasks).toEqual([]);
  });
});
