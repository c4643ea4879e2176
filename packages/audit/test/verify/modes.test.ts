import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { transact } from '@signalbox/kernel/sqlite';
import { FAKE_START } from '@signalbox/testkit';
import {
  createCheckpoint,
  createRotation,
  createSigningKey,
  exportLedger,
  followRotations,
  originOf,
  readRotation,
  storeCheckpoint,
  verifyExport,
  verifyExportFile,
  verifyStoredLedger,
} from '../../src/index.js';
import { formatLeaf } from '../../src/ledger/entry.js';
import { hashLeaf } from '../../src/merkle/leaf.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

let store: TestStore;
beforeEach(() => {
  store = createTestStore();
});
afterEach(() => store.remove());

const key = createSigningKey('signalbox.dev/test');
const fill = (count: number): void =>
  store.append(...Array.from({ length: count }, (_, n) => entry(n % 7 === 0 ? 'a.rare' : 'a.b', `x/${n}`, { n })));
const checkpoint = (by = key): string => {
  const note = createCheckpoint(store.ledger, by, FAKE_START);
  storeCheckpoint(store.db, note);
  return note;
};
const verify = (options = {}) => verifyStoredLedger(store.db, { verifier: key.verifier, ...options });
const incremental = (options = {}) => verify({ mode: 'incremental', rememberAt: FAKE_START, ...options });

describe('an incremental verification', () => {
  it('reads only what was added since the last one, and says so', () => {
    fill(600);
    checkpoint();
    expect(incremental()).toMatchObject({ mode: 'full', ok: true, readFrom: 1 });
    fill(20);
    const report = incremental();
    expect(report).toMatchObject({ ok: true, mode: 'incremental', readFrom: 602, entries: 621 });
    expect(report.proved.slice(0, 2)).toEqual([
      'Entries 1 to 601 were verified at 2026-01-01T00:00:00.000Z and not read again; their root is signed.',
      'Entries 602 to 621 were read: each quotes the one before, and their tree extends that of the first 601.',
    ]);
    // An old entry is not read again: only a full verification finds it.
    store.db.exec("UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 5");
    expect(incremental().ok).toBe(true);
    expect(verify()).toMatchObject({ ok: false, firstBad: 5 });
  });

  it('says that nothing was added, and moves on with the newest signed checkpoint', () => {
    fill(10);
    checkpoint();
    incremental();
    expect(incremental().proved).toContain('No entry was added since.');
    fill(5);
    checkpoint();
    incremental();
    expect(incremental()).toMatchObject({ readFrom: 17, entries: 16 });
  });

  it('finds what was done to new entries', () => {
    fill(10);
    const anchor = checkpoint();
    incremental();
    fill(10);
    store.db.exec("UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 15");
    expect(incremental({ anchor })).toMatchObject({ ok: false, kind: 'edited', firstBad: 15 });
    store.db.exec('DELETE FROM ledger WHERE seq > 13');
    expect(incremental({ anchor })).toMatchObject({ ok: false, kind: 'truncated', firstBad: 14 });
  });

  it('proves completeness by an anchor at its start or later', () => {
    fill(10);
    const anchor = checkpoint();
    incremental();
    fill(3);
    expect(incremental({ anchor })).toMatchObject({ mode: 'incremental', completeness: 'proven' });
    expect(incremental({ anchor: checkpoint() })).toMatchObject({ mode: 'incremental', completeness: 'proven' });
  });

  it.each([
    ['nothing is remembered', 'DELETE FROM ledger_verified', 'no earlier verification'],
    ['what is remembered was tampered with', "UPDATE ledger_verified SET last_leaf = x'00'", 'contradicts itself'],
    ['another tree is remembered', 'UPDATE ledger_verified SET last_leaf = zeroblob(32)', 'no signed checkpoint'],
    ['the checkpoint is gone', 'DELETE FROM ledger_checkpoint', 'no signed checkpoint'],
    ['the head is gone', 'DELETE FROM ledger_head', 'the head cannot be read'],
  ])('reads everything when %s', (_, sql, reason) => {
    fill(10);
    checkpoint();
    incremental();
    store.db.exec(sql);
    const report = incremental();
    expect(report).toMatchObject({ mode: 'full', readFrom: 1, entries: 11 });
    expect(report.proved[0]).toContain(reason);
  });

  it('reads everything for an older anchor, and without a key', () => {
    fill(10);
    const anchor = checkpoint();
    fill(10);
    checkpoint();
    incremental();
    expect(incremental({ anchor }).proved[0]).toContain('the anchor is older');
    const report = verifyStoredLedger(store.db, { mode: 'incremental' });
    expect(report).toMatchObject({ ok: true, mode: 'full' });
    expect(report.proved[0]).toContain('no key was given');
  });

  it('remembers nothing of a log that is not sound', () => {
    fill(10);
    checkpoint();
    store.db.exec('DELETE FROM ledger WHERE seq = 4');
    incremental();
    expect(store.db.prepare('SELECT * FROM ledger_verified').get()).toBeUndefined();
  });
});

describe('a stored ledger', () => {
  it.each([
    ['kind that is left out', "UPDATE ledger_block SET kinds = ',a.b,' WHERE block = 1", 261],
    ['time that is too late', "UPDATE ledger_block SET since = '2027-01-01T00:00:00.000Z' WHERE block = 1", 257],
    ['time that is too early', "UPDATE ledger_block SET until = '2025-01-01T00:00:00.000Z' WHERE block = 0", 1],
  ])('with the summary of a block that hides an entry by a %s is not sound', (_, sql, firstBad) => {
    fill(600);
    expect(verify().ok).toBe(true);
    store.db.exec(sql);
    expect(verify()).toMatchObject({ ok: false, kind: 'edited', firstBad });
    expect(verify().reason).toContain('hidden');
  });

  it('with an entry that is chained but not written in canonical form is not sound', () => {
    fill(4);
    const lines = [...store.ledger.lines()].map(({ line }) => line);
    const spaced = String(lines[2]).replace('{"actor":', '{ "actor":');
    const next = String(lines[3]).replace(/sha256:[0-9a-f]{64}/, formatLeaf(hashLeaf(spaced)));
    const set = store.db.prepare('UPDATE ledger SET line = ? WHERE seq = ?');
    set.run(spaced, 3);
    set.run(next, 4);
    expect(verify()).toMatchObject({ ok: false, kind: 'edited', firstBad: 3 });
  });

  it('with text that is not UTF-8 is not sound', () => {
    fill(40);
    store.db.exec("UPDATE ledger SET line = CAST(replace(CAST(line AS BLOB), 'ana', x'ff') AS TEXT) WHERE seq = 30");
    expect(verify()).toMatchObject({ ok: false, firstBad: 30 });
  });

  it('takes entries that only the full parser can read', () => {
    store.append(
      entry('a.b', 'x/"1"', { größe: 1 }),
      entry('a.b', 'x/2', { task: 'a\\b' }),
      entry('a.b', 'x/3', { '': '' }),
    );
    fill(300);
    expect(verify()).toMatchObject({ ok: true, entries: 304 });
  });
});

describe('a key that was replaced', () => {
  const next = createSigningKey('signalbox.dev/next');
  const rotate = (from = key, to = next): void =>
    store.append(createRotation(originOf(store.ledger.head().logId), from, to, 'user:ana'));

  it('hands its trust on to the new one', () => {
    fill(3);
    checkpoint();
    rotate();
    fill(3);
    const anchor = checkpoint(next);
    const report = verify({ anchor });
    expect(report).toMatchObject({ ok: true, completeness: 'proven' });
    expect(report.proved).toContain(
      'Signatures were checked with the key signalbox.dev/test and 1 that it was handed on to.',
    );
    expect(verifyStoredLedger(store.db, { verifier: next.verifier })).toMatchObject({ ok: false });
    const lines = [...exportLedger(store.ledger, next, FAKE_START)];
    expect(verifyExport(lines, key.verifier, anchor)).toMatchObject({ ok: true, completeness: 'proven' });
  });

  it('does so along a chain of three', () => {
    const third = createSigningKey('signalbox.dev/third');
    rotate();
    rotate(next, third);
    checkpoint(third);
    expect(verify().ok).toBe(true);
  });

  it('hands nothing on by an entry that it did not sign', () => {
    const { kind, actor, subject, data } = createRotation(originOf(store.ledger.head().logId), key, next, 'user:ana');
    const forged = createRotation(originOf(store.ledger.head().logId), next, next, 'user:ana').data;
    store.append({ kind, actor, subject, data: { ...data, note: forged['note'] ?? '' } });
    checkpoint(next);
    expect(verify()).toMatchObject({ ok: false, reason: expect.stringContaining('not signed by') });
  });

  it('does so for one log only, and once', () => {
    const { data } = createRotation('signalbox.dev/log_1', key, next, 'user:ana');
    expect(readRotation(data, 'signalbox.dev/log_1')?.to.name).toBe('signalbox.dev/next');
    expect(readRotation(data, 'signalbox.dev/log_2')).toBeUndefined();
    expect(readRotation({ ...data, to: 'no key' }, 'signalbox.dev/log_1')).toBeUndefined();
    expect(readRotation({ ...data, note: 'x' }, 'signalbox.dev/log_1')).toBeUndefined();
    expect(followRotations(key.verifier, [data, data], 'signalbox.dev/log_1')).toHaveLength(2);
  });
});

describe('a file with an export', () => {
  const write = (text: string): string => {
    const file = join(store.dir, 'export.jsonl');
    writeFileSync(file, text);
    return file;
  };
  const exported = (): string[] => [...exportLedger(store.ledger, key, FAKE_START)];

  it('is verified as its lines are, in chunks', () => {
    fill(2000);
    const lines = exported();
    const file = write(`${lines.join('\n')}\n`);
    expect(verifyExportFile(file, { verifier: key.verifier })).toEqual(verifyExport(lines, key.verifier));
    expect(verifyExportFile(file, { anchor: createCheckpoint(store.ledger, key, FAKE_START) })).toMatchObject({
      ok: true,
      completeness: 'proven',
    });
  });

  it.each([
    ['an edited entry', (lines: string[]) => lines.map((line, i) => (i === 3 ? line.replace('ana', 'bob') : line)), 4],
    ['no closing line', (lines: string[]) => lines.slice(0, -1), 13],
    ['a missing entry', (lines: string[]) => lines.filter((_, i) => i !== 5), 6],
    ['an empty line', (lines: string[]) => [...lines.slice(0, 3), '', ...lines.slice(3)], 4],
    ['nothing in it', () => [], 1],
  ])('with %s is not accepted', (_, change, firstBad) => {
    fill(11);
    const lines = change(exported());
    expect(verifyExportFile(write(lines.map((line) => `${line}\n`).join('')))).toMatchObject({ ok: false, firstBad });
  });

  it('with a line of half a megabyte is read whole', () => {
    store.append(entry('a.b', 'x/1', { text: 'ä'.repeat(300_000) }), entry('a.b', 'x/2'));
    expect(verifyExportFile(write(`${exported().join('\n')}\n`))).toMatchObject({ ok: true, entries: 3 });
    const torn = exported().slice(0, -1).join('\n').slice(0, -100);
    expect(verifyExportFile(write(torn))).toMatchObject({ ok: false, kind: 'truncated', firstBad: 3 });
  });
});

it('two connections that append in turn, and a rollback, leave one sound log', () => {
  fill(3);
  expect(() =>
    transact(store.db, () => {
      store.ledger.append([entry('a.b', 'x/lost')], store.db);
      throw new Error('no');
    }),
  ).toThrow('no');
  fill(3);
  expect(verify()).toMatchObject({ ok: true, entries: 7 });
});
