import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '@signalbox/kernel';
import { FORMAT, readLine, writeLine } from '../src/file/journal-line.js';
import { replay } from '../src/file/replay.js';
import { createMemoryTables } from '../src/memory/memory-tables.js';
import { parseTaskSpec } from '../src/task-spec.js';
import {
  add,
  createJournalFixture,
  type JournalFixture,
  livelySteps,
  look,
  none,
  note,
} from './support/journal-fixture.js';

const LINE_BREAK = 0x0a;

let fixture: JournalFixture;
beforeEach(() => {
  fixture = createJournalFixture();
});
afterEach(() => fixture.remove());

const lines = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

/** A journal with some of everything in it, and what could be seen after each of its lines. */
async function lively(): Promise<string[]> {
  const store = await fixture.open();
  const states = [await look(store)];
  for (const step of livelySteps(store)) {
    const before = lines(fixture.path).length;
    await step();
    const after = lines(fixture.path).length;
    expect(after).toBeLessThanOrEqual(before + 1);
    if (after > before) states.push(await look(store));
  }
  expect(states.length).toBeGreaterThan(10);
  return states;
}

describe('the journal of the file store', () => {
  it('says, cut off at any byte, what was there after its last whole line', async () => {
    const states = await lively();
    const bytes = readFileSync(fixture.path);
    const ends = [...bytes.keys()].filter((at) => bytes[at] === LINE_BREAK).map((at) => at + 1);
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      const { kinds } = createMemoryTables();
      const replayed = replay(fixture.path, bytes.subarray(0, length), kinds);
      expect([replayed.lines, replayed.length]).toEqual([whole, ends[whole - 1] ?? 0]);
    }
    const path = fixture.copy();
    for (const length of [0, ...ends].flatMap((end) => [end, end + 1, end + 40])) {
      writeFileSync(path, bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length;
      const store = await fixture.open({}, path);
      expect(await look(store)).toBe(states[whole]);
      await store.close();
      expect(statSync(path).size).toBe(ends[whole - 1] ?? 0);
    }
  });

  it('goes on after a line that was torn', async () => {
    const states = await lively();
    const path = fixture.copy();
    truncateSync(path, statSync(path).size - 5);
    const store = await fixture.open({}, path);
    expect(await look(store)).toBe(states.at(-2));
    const task = await add(store);
    await store.close();
    expect(await (await fixture.open({}, path)).get(task.id)).toEqual(task);
  });

  it('leaves out a last line of which only a part has reached the disk', async () => {
    const states = await lively();
    const path = fixture.copy();
    const text = readFileSync(path);
    text.fill(0, text.length - 60, text.length - 20);
    writeFileSync(path, text);
    expect(await look(await fixture.open({}, path))).toBe(states.at(-2));
  });

  it('is refused with a change in any line but the last, which is named, and left as it is', async () => {
    await lively();
    const good = lines(fixture.path);
    for (let number = 1; number < good.length; number++) {
      const path = fixture.copy();
      const bad = good.map((line, index) => (index === number - 1 ? line.replace('"format":1', '"format":0') : line));
      writeFileSync(path, `${bad.join('\n')}\n`);
      const refused = fixture.open({}, path);
      await expect(refused).rejects.toMatchObject({ code: 'STORE_DAMAGED', details: { path, line: number } });
      await expect(refused).rejects.toThrow(`line ${number} `);
      expect(lines(path)).toEqual(bad);
    }
  });

  it('is refused when a line is missing, twice there or in another place', async () => {
    await lively();
    const good = lines(fixture.path);
    for (const bad of [
      good.slice(1),
      good.filter((_, index) => index !== 3),
      [...good.slice(0, 4), ...good.slice(3)],
      [...good.slice(0, 2), good[3], good[2], ...good.slice(4)],
    ]) {
      const path = fixture.copy();
      writeFileSync(path, `${bad.join('\n')}\n`);
      await expect(fixture.open({}, path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    }
  });

  it('is refused when a newer version has written to it, also in its last line', async () => {
    const store = await fixture.open();
    await add(store);
    await store.close();
    const newer = writeLine('commit', 2, new Map()).replace(`"format":${FORMAT}`, '"format":99');
    writeFileSync(fixture.path, `${lines(fixture.path)[0]}\n${signed(newer)}`);
    await expect(fixture.open()).rejects.toMatchObject({ code: 'STORE_NEWER', details: { line: 2, found: 99 } });
    expect(lines(fixture.path)).toHaveLength(2);
  });

  it('is refused with rows of a kind that it does not know', async () => {
    writeFileSync(fixture.path, writeLine('commit', 1, new Map([['other', new Map([['k', '{}']])]])));
    await expect(fixture.open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  it('has one line for all that is asked for in one turn, with what it records', async () => {
    const store = await fixture.open();
    const tasks = await Promise.all([add(store), add(store), add(store)]);
    const [line, ...more] = lines(fixture.path).map(readLine);
    expect(more).toEqual([]);
    expect(line?.body.entries).toEqual([...note('created')(), ...note('created')(), ...note('created')()]);
    expect(line?.body.changes['task']).toHaveLength(3);
    await store.claim({ holder: 'user:ana', ttlMs: 60_000, task: tasks[0]?.id ?? '' }, none);
    await store.get('tsk_x');
    expect(lines(fixture.path)).toHaveLength(2);
  });

  it('does not write a task’s description again when its lease is renewed', async () => {
    const store = await fixture.open();
    await add(store, { description: 'x'.repeat(10_000) });
    const claim = await store.claim({ holder: 'user:ana', ttlMs: 60_000 }, none);
    if (claim.status !== 'claimed') throw new Error('no claim');
    await store.heartbeat({ task: claim.task.id, lease: claim.lease.id }, none);
    expect(lines(fixture.path).slice(1).join('').length).toBeLessThan(2_000);
  });

  it('hands its entries on before they are written, and takes the change back if they are not taken', async () => {
    const given: unknown[] = [];
    const journal = {
      append: (entries: readonly unknown[]) => void given.push(...entries, lines(fixture.path).length),
    };
    const store = await fixture.open({ journal });
    await add(store);
    expect(given).toEqual([...note('created')(), 0]);
    journal.append = () => {
      throw new Error('The ledger is full.');
    };
    await expect(add(store)).rejects.toThrow('The ledger is full.');
    expect((await store.counts()).queued).toBe(1);
    expect(lines(fixture.path)).toHaveLength(1);
  });

  it('refuses what JSON cannot carry from the one who brought it, and from nobody else', async () => {
    const store = await fixture.open();
    const bad = store.create(parseTaskSpec({ title: 'x' }), 'user:\ud800', none);
    const [good] = await Promise.all([add(store), expect(bad).rejects.toMatchObject({ code: 'NOT_JSON' })]);
    expect((await store.list()).tasks).toEqual([good]);
  });
});

/** The line with a digest that fits its body. */
function signed(line: string): string {
  const body = line.slice('{"commit":'.length, line.lastIndexOf(',"sum"'));
  return `{"commit":${body},"sum":"${sha256(`commit${body}`).slice('sha256:'.length)}"}\n`;
}
