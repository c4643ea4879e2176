import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isoTime, type Journal, type JournalEntry } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, type FakeClock, type TempDir } from '@signalbox/testkit';
import { type AIInstance, type AIRegistry, openSqliteRegistry } from '../src/index.js';

let dir: TempDir;
let clock: FakeClock;
let open: SqlDatabase[];
let db: SqlDatabase;
let registry: AIRegistry;

beforeEach(() => {
  dir = createTempDir();
  clock = createFakeClock();
  open = [];
  db = connect();
  db.exec('CREATE TABLE test_journal (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT');
  registry = openSqliteRegistry(db, { clock, journal });
});
afterEach(() => {
  for (const each of open) each.close();
  dir.remove();
});

function connect(): SqlDatabase {
  const connection = openSqlite(join(dir.path, 'store.db'));
  open.push(connection);
  return connection;
}

/** A journal in a table of the same file: an entry is there if its transaction was committed. */
const journal: Journal = {
  append(entries, transaction) {
    const insert = transaction.prepare('INSERT INTO test_journal (entry) VALUES (?)');
    for (const entry of entries) insert.run(JSON.stringify(entry));
  },
};

function entries(): JournalEntry[] {
  const rows = db.prepare('SELECT entry FROM test_journal ORDER BY seq').all();
  return rows.map((row) => JSON.parse(String(row['entry'])) as JournalEntry);
}

const entry = (kind: string, ai: AIInstance): JournalEntry => ({
  kind,
  actor: 'user:ana',
  subject: `ai/${ai.id}`,
  data: { labels: ai.labels },
});
const note =
  (kind: string) =>
  (ai: AIInstance): JournalEntry[] => [entry(kind, ai)];
const refuse = (): never => {
  throw new Error('The journal is full.');
};

describe('registering an AI', () => {
  it('fills in the defaults and keeps what was given', async () => {
    const plain = await registry.register({ id: 'claude', connector: 'claude-code' }, note('ai.registered'));
    expect(plain).toEqual({
      id: 'claude',
      name: 'claude',
      connector: 'claude-code',
      labels: {},
      capabilities: [],
      maxConcurrent: 1,
      config: {},
      status: 'online',
      registeredAt: isoTime(clock.now()),
      lastSeen: null,
      probe: null,
    });
    const draft = {
      id: 'codex-2.x_y',
      name: 'Codex',
      connector: 'codex',
      labels: { team: 'core', empty: '' },
      maxConcurrent: 4,
      config: { model: 'x', args: ['-v'], nothing: null },
    };
    const full = await registry.register({ ...draft, capabilities: ['shell', 'edit', 'shell'] }, note('ai.registered'));
    expect(full).toMatchObject({ ...draft, capabilities: ['edit', 'shell'] });
    expect(await registry.get('claude')).toEqual(plain);
    expect(await registry.get('codex-2.x_y')).toEqual(full);
    expect(await registry.list()).toEqual([plain, full]);
  });

  it('is recorded in the same transaction', async () => {
    const ai = await registry.register({ id: 'claude', connector: 'claude-code' }, note('ai.registered'));
    expect(entries()).toEqual([entry('ai.registered', ai)]);
    await expect(registry.register({ id: 'codex', connector: 'codex' }, refuse)).rejects.toThrow(
      'The journal is full.',
    );
    expect((await registry.list()).map(({ id }) => id)).toEqual(['claude']);
    expect(entries()).toHaveLength(1);
  });

  it('refuses an id that is taken, and leaves the first as it is', async () => {
    const first = await registry.register({ id: 'claude', connector: 'claude-code' }, note('ai.registered'));
    const second = registry.register({ id: 'claude', connector: 'codex' }, note('ai.registered'));
    await expect(second).rejects.toMatchObject({ code: 'AI_EXISTS' });
    expect(await registry.list()).toEqual([first]);
    expect(entries()).toHaveLength(1);
  });

  it.each(['', 'Claude', '-claude', 'a b', 'a/b', '../a', 'a\n', 'é', 'x'.repeat(64), 'auto', 'shared', 'none'])(
    'refuses the id %j',
    async (id) => {
      const registering = registry.register({ id, connector: 'command' }, note('ai.registered'));
      await expect(registering).rejects.toMatchObject({ code: 'INVALID_AI' });
      expect(await registry.list()).toEqual([]);
    },
  );

  it.each([0, -1, 1.5, 1_001, Number.NaN])('refuses %d attempts at once', async (maxConcurrent) => {
    const registering = registry.register({ id: 'claude', connector: 'command', maxConcurrent }, note('ai.registered'));
    await expect(registering).rejects.toMatchObject({ code: 'INVALID_AI' });
  });
});

describe('labelling an AI', () => {
  beforeEach(async () => {
    await registry.register({ id: 'claude', connector: 'command', labels: { team: 'core', flag: '' } }, () => []);
  });

  it('adds and replaces labels and leaves the others alone', async () => {
    const labelled = await registry.label('claude', { team: 'web', size: 'big' }, note('ai.labelled'));
    expect(labelled.labels).toEqual({ team: 'web', flag: '', size: 'big' });
    expect(await registry.get('claude')).toEqual(labelled);
    expect(entries()).toEqual([entry('ai.labelled', labelled)]);
  });

  it('removes a label that is given no value', async () => {
    const labelled = await registry.label('claude', { team: '', unknown: '' }, note('ai.labelled'));
    expect(labelled.labels).toEqual({ flag: '' });
    expect((await registry.get('claude')).labels).toEqual({ flag: '' });
  });

  it('changes nothing when it cannot be recorded', async () => {
    await expect(registry.label('claude', { team: 'web' }, refuse)).rejects.toThrow('The journal is full.');
    expect((await registry.get('claude')).labels).toEqual({ team: 'core', flag: '' });
  });

  it('refuses an AI that does not exist', async () => {
    const labelling = registry.label('nobody', { a: 'b' }, note('ai.labelled'));
    await expect(labelling).rejects.toMatchObject({ code: 'AI_NOT_FOUND' });
    await expect(registry.get('nobody')).rejects.toMatchObject({ code: 'AI_NOT_FOUND' });
    expect(entries()).toEqual([]);
  });
});

describe('the registry', () => {
  it('notes when an AI was last used, without a record', async () => {
    const ai = await registry.register({ id: 'claude', connector: 'command' }, () => []);
    await clock.advance(60_000);
    await registry.touch('claude');
    expect(await registry.get('claude')).toEqual({ ...ai, lastSeen: isoTime(clock.now()) });
    const labelled = await registry.label('claude', { a: 'b' }, () => []);
    expect(labelled.lastSeen).toBe(isoTime(clock.now()));
    expect(entries()).toEqual([]);
  });

  it('is the same for the next connection', async () => {
    const ai = await registry.register({ id: 'claude', connector: 'command' }, () => []);
    expect(await openSqliteRegistry(connect(), { clock, journal }).list()).toEqual([ai]);
  });

  it('is refused when a newer version has written it', () => {
    db.exec("INSERT INTO migration (owner, number, name) VALUES ('router', 3, 'to come')");
    expect(() => openSqliteRegistry(connect(), { clock, journal })).toThrow(
      expect.objectContaining({ code: 'STORE_NEWER' }),
    );
  });
});
