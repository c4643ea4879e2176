import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isoTime } from '@signalbox/kernel';
import { codeOf, note, type RegistryBench, withRegistryBench } from './support/registry-bench.js';

const REGISTERED = '2025-12-01T08:00:00.000Z';

/** A file as the first schema wrote it, with the AI's state of the time in its text. */
function writeFirstSchema(bench: RegistryBench): void {
  const db = bench.connect();
  db.exec(`
CREATE TABLE migration (owner TEXT, number INTEGER, name TEXT, PRIMARY KEY (owner, number));
INSERT INTO migration VALUES ('router', 1, 'ais');
CREATE TABLE ai (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  status TEXT NOT NULL,
  last_seen INTEGER
) STRICT, WITHOUT ROWID;
`);
  const insert = db.prepare('INSERT INTO ai (id, instance, status, last_seen) VALUES (?, ?, ?, ?)');
  for (const [id, status, lastSeen] of [
    ['claude', 'online', 1_767_000_000_000],
    ['codex', 'paused', null],
    ['local', 'error', null],
  ] as const) {
    const instance = {
      ...{ id, name: id.toUpperCase(), connector: 'command', labels: { team: 'core' }, capabilities: ['edit'] },
      ...{ maxConcurrent: 2, config: { argv: ['x'] }, status: 'online', registeredAt: REGISTERED, lastSeen: null },
    };
    insert.run(id, JSON.stringify(instance), status, lastSeen);
  }
}

describe('a file that the first schema wrote', () => {
  it('is read as it was, after a copy of it was made', () =>
    withRegistryBench(async (bench) => {
      writeFirstSchema(bench);
      const ais = bench.open();
      expect(existsSync(`${bench.file}.before-router-2`)).toBe(true);
      const common = {
        ...{ connector: 'command', labels: { team: 'core' }, capabilities: ['edit'], maxConcurrent: 2 },
        ...{ config: { argv: ['x'] }, registeredAt: REGISTERED, probe: null },
      };
      expect(await ais.list()).toEqual([
        { ...common, id: 'claude', name: 'CLAUDE', status: 'online', lastSeen: isoTime(1_767_000_000_000) },
        { ...common, id: 'codex', name: 'CODEX', status: 'paused', lastSeen: null },
        { ...common, id: 'local', name: 'LOCAL', status: 'error', lastSeen: null },
      ]);
    }));

  it('takes every change', () =>
    withRegistryBench(async (bench) => {
      writeFirstSchema(bench);
      const ais = bench.open();
      const { now } = bench.clock;
      expect((await ais.resume('codex', () => [])).status).toBe('online');
      const findings = { at: now(), ok: false, version: null, capabilities: [], problems: [] };
      expect((await ais.probed('claude', findings)).status).toBe('offline');
      expect((await ais.update('claude', { maxConcurrent: 3 }, () => [])).name).toBe('CLAUDE');
      expect((await ais.pause('claude', { reason: 'x', until: now() + 1 }, () => [])).status).toBe('paused');
      await ais.remove('local', () => []);
      expect((await bench.open().list()).map(({ id }) => id)).toEqual(['claude', 'codex']);
    }));
});

describe('two connections to one file', () => {
  it('see what the other changed, and lose nothing of it', () =>
    withRegistryBench(async (bench) => {
      const [a, b] = [bench.open(), bench.open()];
      await a.register({ id: 'claude', connector: 'command' }, note('ai.registered'));
      const writers = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? a : b));
      await Promise.all(
        writers.flatMap((ais, n) => [
          ais.label('claude', { [`l${n}`]: String(n) }, note('ai.labelled')),
          ais.update('claude', { maxConcurrent: n + 1 }, note('ai.updated')),
          ais.probed('claude', { at: n, ok: true, version: `${n}`, capabilities: [], problems: [] }),
          ais.touch('claude'),
        ]),
      );
      const [seen, same] = [await a.get('claude'), await b.get('claude')];
      expect(seen).toEqual(same);
      expect(Object.keys(seen.labels)).toHaveLength(40);
      expect(seen).toMatchObject({ maxConcurrent: 40, probe: { version: '39' } });
      expect(bench.entries()).toHaveLength(81);
    }));

  it('give an id to one of those who want it', () =>
    withRegistryBench(async (bench) => {
      const [a, b] = [bench.open(), bench.open()];
      const draft = { id: 'claude', connector: 'command' };
      const outcomes = await Promise.all([a, b].map((ais) => codeOf(ais.register(draft, note('ai.registered')))));
      expect(outcomes).toEqual([{ resolved: expect.objectContaining(draft) }, 'AI_EXISTS']);
      expect(bench.entries()).toHaveLength(1);
      expect(await codeOf(b.remove('claude', () => []))).toMatchObject({ resolved: draft });
      expect(await codeOf(a.remove('claude', () => []))).toBe('AI_NOT_FOUND');
    }));

  it('read while the other writes, and are told when they cannot write', () =>
    withRegistryBench(async (bench) => {
      const writer = bench.connect();
      const ais = bench.open(bench.connect({ busyTimeoutMs: 0 }));
      const before = await ais.register({ id: 'claude', connector: 'command' }, () => []);
      writer.exec("BEGIN IMMEDIATE; UPDATE ai SET status = 'paused'");
      expect(await ais.list()).toEqual([before]);
      const probe = { at: 0, ok: true, version: null, capabilities: [], problems: [] };
      const writes = [
        () => ais.pause('claude', { reason: 'x' }, note('ai.paused')),
        () => ais.probed('claude', probe),
        () => ais.touch('claude'),
      ];
      // The driver's own code where jest has loaded it for another test file before: its errors are of another realm then.
      for (const write of writes) expect(await codeOf(write())).toMatch(/^(STORE|SQLITE)_BUSY$/);
      writer.exec('COMMIT');
      expect((await ais.get('claude')).status).toBe('paused');
      expect(bench.entries()).toEqual([]);
    }));

  it('bring an old file up to date once', () =>
    withRegistryBench(async (bench) => {
      writeFirstSchema(bench);
      const [a, b] = [bench.connect(), bench.connect()];
      const [first, second] = [bench.open(a), bench.open(b)];
      expect(await first.list()).toEqual(await second.list());
      const applied = a.prepare("SELECT number FROM migration WHERE owner = 'router' ORDER BY number").all();
      expect(applied.map((row) => row['number'])).toEqual([1, 2]);
    }));
});
