import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { createTaskStore } from '../src/engine/task-store.js';
import { type Disk, nodeDisk } from '../src/file/disk.js';
import { openJournalFile } from '../src/file/journal-file.js';
import type { TaskStore } from '../src/index.js';
import { createMemoryTables } from '../src/memory/memory-tables.js';
import { createMemoryWriter } from '../src/memory/memory-writer.js';
import { add, createJournalFixture, type JournalFixture, livelySteps, look, none } from './support/journal-fixture.js';

let fixture: JournalFixture;
beforeEach(() => {
  fixture = createJournalFixture();
});
afterEach(() => fixture.remove());

const firstOf = (path: string): string => readFileSync(path, 'utf8').slice(0, 11);

/** Renews one lease again and again: the journal grows, and what is in it does not. */
async function grow(store: TaskStore, times: number): Promise<void> {
  await add(store);
  const claim = await store.claim({ holder: 'user:ana', ttlMs: 60_000 }, none);
  if (claim.status !== 'claimed') throw new Error('no claim');
  for (let n = 0; n < times; n++) await store.heartbeat({ task: claim.task.id, lease: claim.lease.id }, none);
}

describe('the compaction of the file store', () => {
  it('happens when the journal has outgrown what is in it, and changes nothing that can be seen', async () => {
    const store = await fixture.open({ compactAt: 20_000 });
    for (const step of livelySteps(store)) await step();
    expect(firstOf(fixture.path)).toContain('commit');
    await grow(store, 300);
    expect(firstOf(fixture.path)).toContain('snapshot');
    expect(statSync(fixture.path).size).toBeLessThan(25_000);
    const before = await look(store);
    await add(store);
    await store.close();
    const again = await fixture.open({ compactAt: 20_000 });
    expect(JSON.parse(await look(again))[0].slice(0, -1)).toEqual(JSON.parse(before)[0]);
    await grow(again, 300);
    const last = await look(again);
    await again.close();
    expect(await look(await fixture.open())).toBe(last);
    expect(readdirSync(dirname(fixture.path)).sort()).toEqual(['tasks.journal', 'tasks.journal.lock']);
  });

  it('does not happen while most of what is written is still so', async () => {
    const store = await fixture.open({ compactAt: 1_000 });
    for (let n = 0; n < 60; n++) await add(store, { description: 'x'.repeat(1_000) });
    expect(firstOf(fixture.path)).toContain('commit');
    expect(statSync(fixture.path).size).toBeGreaterThan(60_000);
  });

  it('leaves no half of itself behind: a snapshot that is not whole is refused', async () => {
    const store = await fixture.open({ compactAt: 3_000 });
    for (const step of livelySteps(store)) await step();
    await grow(store, 30);
    await store.close();
    const bytes = readFileSync(fixture.path);
    const end = bytes.indexOf('\n', bytes.indexOf('"last":true')) + 1;
    const path = fixture.copy();
    for (let length = 3; length < end; length += 7) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(fixture.open({}, path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    }
    writeFileSync(path, bytes.subarray(0, end));
    await fixture.open({}, path);
  });

  it('survives a crash at any step of it, as every commit does', async () => {
    let crashed = true;
    for (let after = 1; crashed; after++) {
      const disk = dyingAfter(after);
      const path = `${fixture.path}.${after}`;
      const seen: string[] = [];
      crashed = await untilCrash(disk, path, seen);
      const store = await fixture.open({}, path);
      // The line that was on its way when it died may be there or not; nothing that was confirmed is missing.
      expect(seen.slice(-2)).toContain(await look(store));
      await store.close();
      expect(existsSync(`${path}.new`)).toBe(false);
      expect(after).toBeLessThan(2_000);
    }
    expect(firstOf(`${fixture.path}.1.whole`)).toContain('snapshot');
  });

  it('stops every change once a write has failed, until it is opened again', async () => {
    const disk = dyingAfter(20);
    const store = openOn(disk, fixture.path);
    const done: string[] = [];
    const work = async () => {
      for (;;) done.push((await add(store)).id);
    };
    await expect(work()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    const before = await look(store);
    await expect(add(store)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await look(store)).toBe(before);
    expect(done.length).toBeGreaterThan(0);
  });
});

/** How many commits it takes for a compaction to come and be over. */
const STEPS = 24;

/** Runs until the disk dies. Adds to `seen` what could be seen after each commit, and last what was on its way. */
async function untilCrash(disk: Disk, path: string, seen: string[]): Promise<boolean> {
  // With a clock and ids of its own every run is the same, so a run that lives longer knows what was on its way.
  const expected = await statesOf(openOn(nodeDisk, `${path}.whole`), STEPS);
  try {
    const store = openOn(disk, path);
    seen.push(expected[0] as string);
    const lived = await statesOf(store, STEPS);
    seen.push(...lived.slice(1));
    if (lived.length === expected.length) return false;
  } catch {
    seen.push(expected[0] as string);
  }
  seen.push(expected[Math.min(seen.length, expected.length - 1)] as string);
  return true;
}

async function statesOf(store: TaskStore, steps: number): Promise<string[]> {
  const states = [await look(store)];
  try {
    for (let n = 0; n < steps; n++) {
      if (n % 6 === 0) await add(store);
      else await store.update(String((await store.list()).tasks[0]?.id), { title: `title ${n}` }, none);
      states.push(await look(store));
    }
  } catch {
    // The disk has died.
  }
  return states;
}

function openOn(disk: Disk, path: string): TaskStore {
  const { tables, reads, log, kinds } = createMemoryTables();
  const file = openJournalFile(disk, path, kinds, 1_500);
  const writer = createMemoryWriter(log, { append: () => {} }, file);
  const clock = createFrozenClock();
  const ids = createIds(clock, () => new Uint8Array(5));
  return createTaskStore({ tables, reads, writer, journal: writer.sink }, { clock, ids });
}

const createFrozenClock = () => ({ now: () => 1_767_225_600_000, monotonic: () => 0, after: () => () => {} });

/** A disk on which the `calls`-th change, and every one after it, does not happen; the one before may be cut short. */
function dyingAfter(calls: number): Disk {
  let left = calls;
  const dies = <A extends unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      left -= 1;
      if (left > 0) return work(...args);
      throw new Error('EIO: the disk is gone');
    };
  };
  return {
    ...nodeDisk,
    append(file, text) {
      left -= 1;
      if (left > 0) return nodeDisk.append(file, text);
      if (left === 0) nodeDisk.append(file, text.slice(0, text.length / 2));
      throw new Error('EIO: the disk is gone');
    },
    sync: dies(nodeDisk.sync),
    truncate: dies(nodeDisk.truncate),
    rename: dies(nodeDisk.rename),
    syncFolderOf: dies(nodeDisk.syncFolderOf),
    open: dies(nodeDisk.open),
  };
}
