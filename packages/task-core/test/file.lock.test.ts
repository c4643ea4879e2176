import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { mayRun, ownIdentity, startTimeOf } from '../src/file/process-identity.js';
import { takeWriterLock } from '../src/file/writer-lock.js';
import { openFileTaskStore } from '../src/index.js';
import { add, createJournalFixture, type JournalFixture } from './support/journal-fixture.js';

let fixture: JournalFixture;
beforeEach(() => {
  fixture = createJournalFixture();
});
afterEach(() => fixture.remove());

const lockOf = (path: string): string => `${path}.lock`;
/** A process that is no more: its number may be in use again, but not with this start time. */
const dead = () => ({ ...ownIdentity(), startTime: '1', token: 'own_dead' });

describe('the lock of the file store', () => {
  it('lets one have the file open at a time, and the next one when it is closed', async () => {
    const first = await fixture.open();
    await expect(fixture.open()).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      details: { pid: process.pid, host: hostname() },
    });
    await add(first);
    await first.close();
    await first.close();
    expect(existsSync(lockOf(fixture.path))).toBe(false);
    expect((await (await fixture.open()).counts()).queued).toBe(1);
  });

  it('is the same under every name that leads to the file through links', async () => {
    const folder = dirname(fixture.path);
    const names = [join(folder, 'link.journal'), join(folder, 'folder', basename(fixture.path))];
    symlinkSync(fixture.path, join(folder, 'link.journal'));
    symlinkSync(folder, join(folder, 'folder'));
    const first = await fixture.open();
    const env = { clock: fixture.clock, ids: createIds(fixture.clock) };
    for (const name of names) {
      await expect(openFileTaskStore(name, env)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    }
    await first.close();
  });

  it('refuses every change after it has been closed, and finishes what was asked for before', async () => {
    const store = await fixture.open();
    const [task] = await Promise.all([add(store), store.close()]);
    await expect(add(store)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    expect(await (await fixture.open()).get(task.id)).toEqual(task);
  });

  it('waits for a living holder as long as it is told to', async () => {
    const first = await fixture.open();
    const waiting = fixture.open({ waitMs: 10_000 });
    await fixture.clock.advance(9_000);
    await first.close();
    await fixture.clock.advance(1_000);
    await (await waiting).close();

    const holder = await fixture.open();
    const refused = expect(fixture.open({ waitMs: 10_000 })).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await fixture.clock.advance(10_000);
    await refused;
    await holder.close();
  });

  it('is taken over from a holder that is dead, and from one that left nothing but an empty file', async () => {
    for (const text of [JSON.stringify(dead()), '', '{', 'null']) {
      writeFileSync(lockOf(fixture.path), text);
      const store = await fixture.open();
      expect(JSON.parse(readFileSync(lockOf(fixture.path), 'utf8')).pid).toBe(process.pid);
      await store.close();
      expect(readdirSync(dirname(fixture.path))).toEqual(['tasks.journal']);
    }
  });

  it('is taken over from a holder of an earlier boot, and never from one of another machine', async () => {
    writeFileSync(lockOf(fixture.path), JSON.stringify({ ...ownIdentity(), boot: 'before', token: 'own_a' }));
    await (await fixture.open()).close();
    const elsewhere = { ...dead(), host: 'elsewhere', pid: 7 };
    writeFileSync(lockOf(fixture.path), JSON.stringify(elsewhere));
    await expect(fixture.open()).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      details: { pid: 7, host: 'elsewhere' },
    });
    expect(JSON.parse(readFileSync(lockOf(fixture.path), 'utf8'))).toEqual(elsewhere);
  });

  it('is taken over by one only, however many see the same dead holder', async () => {
    for (let round = 0; round < 20; round++) {
      writeFileSync(lockOf(fixture.path), JSON.stringify({ ...dead(), token: `own_${round}` }));
      const attempts = Array.from({ length: 8 }, () => takeWriterLock(fixture.path, fixture.clock, 0));
      const won = (await Promise.allSettled(attempts)).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value] : [],
      );
      expect(won).toHaveLength(1);
      won[0]?.release();
    }
  });

  it('is taken over also where an earlier one died while it took it over', async () => {
    const first = JSON.stringify(dead());
    writeFileSync(lockOf(fixture.path), first);
    const { sha256 } = await import('@signalbox/kernel');
    const rightTo = (text: string): string => `${lockOf(fixture.path)}.${sha256(text).slice(-16)}`;
    const second = JSON.stringify({ ...dead(), token: 'own_second' });
    writeFileSync(rightTo(first), second);
    writeFileSync(rightTo(second), JSON.stringify({ ...dead(), token: 'own_third' }));
    writeFileSync(`${lockOf(fixture.path)}.own_left`, JSON.stringify(dead()));
    const store = await fixture.open();
    expect(readdirSync(dirname(fixture.path)).sort()).toEqual(['tasks.journal', 'tasks.journal.lock']);
    await store.close();
  });

  it('is left to one who is alive and about to take it over', async () => {
    const { sha256 } = await import('@signalbox/kernel');
    const text = JSON.stringify(dead());
    writeFileSync(lockOf(fixture.path), text);
    const right = `${lockOf(fixture.path)}.${sha256(text).slice(-16)}`;
    writeFileSync(right, JSON.stringify({ ...ownIdentity(), token: 'own_other' }));
    await expect(fixture.open()).rejects.toMatchObject({ code: 'STORE_LOCKED', details: { pid: process.pid } });
    expect(readFileSync(lockOf(fixture.path), 'utf8')).toBe(text);
  });

  it('says what is wrong when there can be no lock or no file, and keeps no lock then', async () => {
    const nowhere = join(dirname(fixture.path), 'none', 'tasks.journal');
    await expect(fixture.open({}, nowhere)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    mkdirSync(fixture.path);
    await expect(fixture.open()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(existsSync(lockOf(fixture.path))).toBe(false);
  });
});

describe('the identity of a process', () => {
  it('tells a process that runs from one that has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const pid = child.pid as number;
    const identity = { ...ownIdentity(), pid, startTime: startTimeOf(pid) ?? '' };
    expect(identity.startTime).not.toBe('');
    expect(mayRun(identity, ownIdentity())).toBe(true);
    expect(mayRun({ ...identity, startTime: 'another' }, ownIdentity())).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(mayRun(identity, ownIdentity())).toBe(false);
  });

  it('asks ps where there is no /proc', () => {
    const found = startTimeOf(process.pid, 'darwin');
    // Not every Linux has a ps, and where there is none nobody can be told alive.
    if (found !== null) expect(Number.isNaN(Date.parse(found))).toBe(false);
    expect(startTimeOf(2 ** 22 + 1, 'darwin')).toBeNull();
  });
});
