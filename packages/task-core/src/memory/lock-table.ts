import type { HeldLock, LockKey, LockWait, Tables } from '../engine/tables.js';
import type { ChangeLog } from './change-log.js';
import { compareText, createGroupIndex } from './indexes.js';
import type { NeedRows } from './need-table.js';
import { createRows, type RowIndex } from './rows.js';
import { createTrie } from './trie.js';

type LockTable = Pick<
  Tables,
  'lockCandidates' | 'holdLock' | 'dropLocks' | 'waitsOf' | 'addWait' | 'awaited' | 'dropWaits' | 'waitersOf'
>;

interface LockRow extends HeldLock {
  prefix: string;
  suffix: string;
}

/** Longer endings tell no more locks apart. */
const MAX_SUFFIX = 16;

export type LockRows = ReturnType<typeof createLockRows>;

export function createLockRows(log: ChangeLog) {
  const byFolder = createTrie<LockRow>();
  const byEnding = createTrie<LockRow>();
  const anywhere = createTrie<LockRow>();
  // Every lock by its ending; and by its folder, or, where it has none, among those that can be anywhere.
  const tries: RowIndex<LockRow> = {
    add(row) {
      byEnding.add(endingOf(row), row);
      if (row.prefix === '') anywhere.add(endingOf(row), row);
      else byFolder.add(row.prefix.split('/'), row);
    },
    remove(row) {
      byEnding.remove(endingOf(row), row);
      if (row.prefix === '') anywhere.remove(endingOf(row), row);
      else byFolder.remove(row.prefix.split('/'), row);
    },
  };
  const locksOf = createGroupIndex<LockRow>(
    (row) => row.task,
    (a, b) => compareText(a.glob, b.glob) || compareText(a.mode, b.mode),
  );
  const waitsOf = createGroupIndex<LockWait>(
    (row) => row.task,
    (a, b) => compareText(a.holder, b.holder),
  );
  const waitersOf = createGroupIndex<LockWait>(
    (row) => row.holder,
    (a, b) => a.rank - b.rank || compareText(a.task, b.task),
  );
  return {
    locks: createRows<LockRow>('lock', lockKeyOf, log, [tries, locksOf]),
    waits: createRows<LockWait>('wait', (row) => waitKeyOf(row.task, row.holder), log, [waitsOf, waitersOf]),
    ...{ byFolder, byEnding, anywhere, locksOf, waitsOf, waitersOf },
  };
}

// Neither an id nor a pattern has a line break in it.
const lockKeyOf = ({ task, glob, mode }: HeldLock): string => `${task}\n${glob}\n${mode}`;
const waitKeyOf = (task: string, holder: string): string => `${task}\n${holder}`;

/** The characters of the literal ending, the last one first. */
const endingOf = ({ suffix }: Pick<LockKey, 'suffix'>): string[] => [...suffix].slice(-MAX_SUFFIX).reverse();

export function createLockTable(rows: LockRows & Pick<NeedRows, 'waitingFor'>): LockTable {
  const { locks, waits, locksOf, waitsOf, waitersOf, waitingFor } = rows;
  return {
    *lockCandidates(key) {
      for (const { task, glob, mode } of near(rows, key)) {
        if (mode === 'exclusive' || !key.exclusiveOnly) yield { task, glob, mode };
      }
    },
    holdLock(task, { glob, mode }, { prefix, suffix }) {
      const row = { task, glob, mode, prefix, suffix };
      if (!locks.get(lockKeyOf(row))) locks.set(row);
    },
    dropLocks(task) {
      for (const row of [...(locksOf.groups.get(task)?.from() ?? [])]) locks.remove(lockKeyOf(row));
    },
    waitsOf: (task) => [...(waitsOf.groups.get(task)?.from() ?? [])].map((row) => ({ ...row })),
    addWait({ task, holder, glob, rank }) {
      if (!waits.get(waitKeyOf(task, holder))) waits.set({ task, holder, glob, rank });
    },
    awaited: (task) => ({ locks: waitersOf.groups.has(task), end: waitingFor.groups.has(task) }),
    dropWaits(task, holder) {
      if (holder !== undefined) waits.remove(waitKeyOf(task, holder));
      else for (const row of [...(waitsOf.groups.get(task)?.from() ?? [])]) waits.remove(waitKeyOf(task, row.holder));
    },
    waitersOf(holder, limit) {
      const waiters: string[] = [];
      for (const row of waitersOf.groups.get(holder)?.from() ?? []) {
        if (waiters.length >= limit) break;
        waiters.push(row.task);
      }
      return waiters;
    },
  };
}

/** A lock with a folder can be in the way on the way down to it, below it, or if it can be anywhere; one without, by its ending. */
function* near({ byFolder, byEnding, anywhere }: LockRows, key: LockKey): Iterable<LockRow> {
  const ending = endingOf(key);
  if (key.prefix === '') {
    yield* byEnding.related(ending);
    return;
  }
  yield* byFolder.related(key.prefix.split('/'));
  yield* anywhere.related(ending);
}
