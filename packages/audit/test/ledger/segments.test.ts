import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds } from '@signalbox/kernel';
import { FAKE_START } from '@signalbox/testkit';
import {
  createCheckpoint,
  createRotation,
  createSigningKey,
  exportLedger,
  type LedgerFilter,
  listSegments,
  originOf,
  recoverLineFile,
  sealSegment,
  storeCheckpoint,
  verifyExport,
  verifyExportFile,
  verifyStoredLedger,
} from '../../src/index.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

let store: TestStore;
let folder: string;
const key = createSigningKey('signalbox.dev/test');
beforeEach(() => {
  store = createTestStore();
  folder = join(store.dir, 'segments');
});
afterEach(() => store.remove());

const fill = (count: number): void =>
  store.append(
    ...Array.from({ length: count }, (_, n) => entry(n % 3 ? 'a.b' : 'c.d', `x/${n % 5}`, { task: `tsk_${n % 2}` })),
  );
const seal = (upTo: number, by = key) =>
  sealSegment(store.db, store.ledger, { upTo, key: by, time: FAKE_START, actor: 'user:ana' });
const verify = (options = {}) => verifyStoredLedger(store.db, { verifier: key.verifier, ...options });
const rows = (): number => Number(store.db.prepare('SELECT count(*) AS n FROM ledger').get()?.['n']);

describe('sealSegment', () => {
  it('moves entries into a file and changes nothing for whoever reads, exports or verifies', () => {
    fill(30);
    const filters: LedgerFilter[] = [
      {},
      { kind: 'c.' },
      { kind: 'a.b', limit: 4 },
      { task: 'tsk_1', after: 5, before: 25 },
      { subject: 'x/2', newestFirst: true, limit: 5 },
      { actor: 'system' },
      { newestFirst: true, limit: 12 },
      { since: FAKE_START, until: FAKE_START + 1, limit: 40 },
    ];
    const bounded = filters.map((filter) => ({ before: 32, ...filter }));
    const before = bounded.map((filter) => store.ledger.read(filter));
    const lines = [...store.ledger.lines()];
    expect(seal(10)).toMatchObject({ first: 1, last: 10, file: '000000000001-000000000010.jsonl' });
    expect(seal(20)).toMatchObject({ first: 11, last: 20 });
    expect(rows()).toBe(31 - 20 + 2);
    expect(bounded.map((filter) => store.ledger.read(filter))).toEqual(before);
    expect([...store.ledger.lines()].slice(0, 31)).toEqual(lines);
    expect([...store.ledger.lines(15)].slice(0, 16)).toEqual(lines.slice(15));
    expect(store.ledger.read({ kind: 'log.sealed' }).map(({ data }) => [data['first'], data['last']])).toEqual([
      [1, 10],
      [11, 20],
    ]);
    expect(verify()).toMatchObject({ ok: true, entries: 33 });
    expect(verifyExport(exportLedger(store.ledger, key, FAKE_START))).toMatchObject({ ok: true, entries: 33 });
    expect(verifyExportFile(join(folder, '000000000001-000000000010.jsonl'))).toMatchObject({ ok: true, entries: 10 });
  });

  it('can seal everything, after which the log goes on', () => {
    fill(5);
    seal(6);
    fill(3);
    expect(verify()).toMatchObject({ ok: true, entries: 10 });
  });

  it('seals only what there is and is not sealed', () => {
    fill(5);
    seal(4);
    for (const upTo of [0, 4, 99, 4.5])
      expect(() => seal(upTo)).toThrow(expect.objectContaining({ code: 'SEAL_RANGE' }));
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('signs nothing that was changed', () => {
    fill(9);
    store.db.exec("UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 9");
    expect(() => seal(4)).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
    store.db.exec('DELETE FROM ledger WHERE seq = 3');
    expect(() => seal(5)).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
    expect(readdirSync(folder)).toEqual([]);
    store.db.exec('DELETE FROM ledger_head');
    expect(() => seal(5)).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
  });

  it('is harmless when it was interrupted before: the file is written again', () => {
    fill(9);
    seal(4);
    rmSync(join(folder, '000000000001-000000000004.jsonl'), { force: true });
    expect(() => [...store.ledger.lines()]).toThrow(expect.objectContaining({ code: 'SEGMENT_MISSING' }));
    expect(verify()).toMatchObject({
      ok: false,
      kind: 'missing',
      firstBad: 1,
      segment: '000000000001-000000000004.jsonl',
    });
    writeFileSync(join(folder, '000000000005-000000000006.jsonl.part'), 'half');
    expect(listSegments(store.db)).toHaveLength(1);
  });

  it('keeps a replaced key known', () => {
    const next = createSigningKey('signalbox.dev/next');
    store.append(createRotation(originOf(store.ledger.head().logId), key, next, 'user:ana'));
    fill(3);
    seal(4, next);
    expect(verify().ok).toBe(true);
    store.db.exec("UPDATE ledger_segment SET rotations = 'garbled'");
    expect(verify()).toMatchObject({ ok: false, reason: expect.stringContaining('not signed by') });
  });
});

describe('damage in a sealed segment', () => {
  const name = '000000000001-000000000008.jsonl';
  const change = (work: (lines: string[]) => string): void => {
    const file = join(folder, name);
    writeFileSync(file, work(readFileSync(file, 'utf8').trimEnd().split('\n')));
  };
  beforeEach(() => {
    fill(12);
    seal(8);
  });
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

  it.each([
    [
      'an edited entry',
      (lines: string[]) => text(lines.map((line, i) => (i === 4 ? line.replace('ana', 'bob') : line))),
      'edited',
      5,
    ],
    ['a missing entry', (lines: string[]) => text(lines.filter((_, i) => i !== 2)), 'missing', 3],
    ['a doubled entry', (lines: string[]) => text([...lines.slice(0, 3), ...lines.slice(2)]), 'duplicated', 3],
    ['a lost end', (lines: string[]) => text(lines.slice(0, 6)), 'truncated', 7],
    ['a torn end', (lines: string[]) => text(lines.slice(0, 5)) + String(lines[5]).slice(0, 40), 'truncated', 6],
  ])('is found and named: %s', (_, work, kind, firstBad) => {
    change(work);
    const report = verify();
    expect(report).toMatchObject({ ok: false, integrity: false, kind, firstBad, segment: name });
    expect(report.reason).toContain(name);
  });

  it('is found and named: its checkpoint, without blaming an entry', () => {
    for (const work of [
      (lines: string[]) => text(lines.slice(0, -1)),
      (lines: string[]) => text([...lines, 'more']),
      (lines: string[]) => text(lines).slice(0, -1),
    ]) {
      const file = join(folder, name);
      const sound = readFileSync(file);
      change(work);
      expect(verify()).toMatchObject({
        ok: false,
        segment: name,
        reason: expect.stringContaining('its own checkpoint'),
      });
      writeFileSync(file, sound);
    }
    expect(verify().ok).toBe(true);
  });

  it('is not looked for by an incremental verification that begins after it', () => {
    storeCheckpoint(store.db, createCheckpoint(store.ledger, key, FAKE_START));
    verify({ rememberAt: FAKE_START });
    fill(2);
    rmSync(join(folder, name));
    expect(verify({ mode: 'incremental' })).toMatchObject({ ok: true, mode: 'incremental', readFrom: 15 });
    expect(verify().ok).toBe(false);
  });

  it('is read again when a segment was sealed across the end of what was verified', () => {
    storeCheckpoint(store.db, createCheckpoint(store.ledger, key, FAKE_START));
    verify({ rememberAt: FAKE_START });
    fill(4);
    seal(16);
    expect(verify({ mode: 'incremental' })).toMatchObject({ ok: true, mode: 'full' });
  });
});

describe('recoverLineFile', () => {
  const env = () => ({ clock: store.clock, ids: createIds(store.clock), source: '/projects/test' });
  const write = (tail: string): string => {
    const file = join(store.dir, 'log.jsonl');
    const lines = [...store.ledger.lines()].map(({ line }) => `${line}\n`).join('');
    writeFileSync(file, lines + tail);
    return file;
  };

  it('cuts a torn last line, says what was lost, and leaves a log that is chained', () => {
    fill(5);
    const file = write('{"actor":"user:ana","data":{"é');
    const recovery = recoverLineFile(file, env());
    expect(recovery).toMatchObject({ lostBytes: 31, seq: 7 });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.at(-1)).toBe(recovery?.line);
    const last = JSON.parse(String(lines.at(-1))) as { type: string; data: object };
    expect(last.type).toBe('dev.signalbox.log.recovered.v1');
    expect(last.data).toMatchObject({ file: 'log.jsonl', lostBytes: 31, lostLines: 1 });
    expect(verifyExport(lines)).toMatchObject({ ok: false, kind: 'truncated', firstBad: 8, entries: 7 });
    expect(recoverLineFile(file, env())).toBeUndefined();
  });

  it('cuts a torn line that is longer than the entry about it', () => {
    fill(2);
    const file = write('x'.repeat(100_000));
    expect(recoverLineFile(file, env())?.lostBytes).toBe(100_000);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(4);
  });

  it('does not put an entry after lines that are not sound, or after none', () => {
    fill(5);
    const file = write('torn');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"seq', 'x').replace('user:ana', 'user:bob'));
    expect(() => recoverLineFile(file, env())).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
    writeFileSync(file, 'torn');
    expect(() => recoverLineFile(file, env())).toThrow(expect.objectContaining({ code: 'LEDGER_DAMAGED' }));
  });
});
