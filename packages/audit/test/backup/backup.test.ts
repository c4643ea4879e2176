import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds, sha256 } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { createFakeClock, createTempDir, FAKE_START, type TempDir } from '@signalbox/testkit';
import { type BackupFile, formatManifest } from '../../src/backup/manifest.js';
import {
  type BackupSource,
  createBackup,
  createCheckpoint,
  createSigningKey,
  describeBackup,
  type Ledger,
  openLedger,
  readManifest,
  restoreBackup,
  restoreRemains,
  resumeRestore,
  sealSegment,
  stageRestore,
  verifyBackup,
  verifyStoredLedger,
} from '../../src/index.js';
import { checkEntry } from '../../src/kinds/index.js';
import { entry } from '../support/store.js';

const key = createSigningKey('signalbox.dev/test');
const code = (value: string) => expect.objectContaining({ code: value });
let dir: TempDir;
let state: string;
let target: string;
let db: SqlDatabase;
let ledger: Ledger;

const put = (path: string, text: string): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
const putBlob = (text: string): void => {
  const hex = sha256(text).slice('sha256:'.length);
  put(join(state, 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2)), text);
};
const append = (count: number): void =>
  transact(db, () =>
    ledger.append(
      Array.from({ length: count }, (_, n) => entry('a.b', `x/${n}`)),
      db,
    ),
  );
const open = (): void => {
  const clock = createFakeClock();
  db = openSqlite(join(state, 'signalbox.db'));
  ledger = openLedger(db, { clock, ids: createIds(clock), source: '/projects/test' });
};
const source = (more: Partial<BackupSource> = {}): BackupSource => ({
  db,
  ledger,
  blobs: join(state, 'blobs'),
  ...more,
});
const backup = (more: Partial<BackupSource> = {}) => createBackup(source({ key, ...more }), target, FAKE_START);
const restore = (more = {}) => restoreBackup(target, state, { time: FAKE_START, verifier: key.verifier, ...more });

beforeEach(() => {
  dir = createTempDir();
  state = join(dir.path, 'state');
  target = join(dir.path, 'backup');
  mkdirSync(state);
  open();
  append(20);
  putBlob('hello');
  putBlob('world');
  put(join(state, 'blobs', 'temp', 'blob_1'), 'half written');
  put(join(state, 'keys', 'ledger.pem'), 'secret');
});
afterEach(() => {
  db.close();
  dir.remove();
});

describe('createBackup', () => {
  it('copies the database, sealed segments and blobs, but no keys, and says what it holds', () => {
    sealSegment(db, ledger, { upTo: 8, key, time: FAKE_START, actor: 'system' });
    const manifest = backup();
    const paths = manifest.files.map(({ path }) => path);
    expect(paths).toHaveLength(4);
    expect(paths).toEqual(expect.arrayContaining(['signalbox.db', 'segments/000000000001-000000000008.jsonl']));
    expect(manifest).toMatchObject({
      format: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      keys: false,
      schema: { audit: 1 },
    });
    expect(manifest.ledger).toEqual({ log: ledger.head().logId, size: 22, root: ledger.head().root });
    expect(readManifest(target)).toEqual(manifest);
    expect(verifyBackup(target, { verifier: key.verifier })).toMatchObject({
      ok: true,
      problems: [],
      ledger: { ok: true },
    });
    const data = describeBackup(manifest);
    expect(checkEntry({ kind: 'backup.made', actor: 'user:ana', subject: 'backup', data })).toEqual([]);
  });

  it('is made of one moment while another connection goes on writing', () => {
    const other = openSqlite(db.file);
    const manifest = backup();
    append(5);
    other.close();
    expect(manifest.ledger.size).toBe(21);
    const anchor = createCheckpoint(ledger, key, FAKE_START);
    expect(verifyBackup(target, { anchor })).toMatchObject({ ok: false, ledger: { kind: 'truncated', firstBad: 22 } });
  });

  it('takes keys only when told to, and signs no checkpoint without one', () => {
    const manifest = backup({ keys: join(state, 'keys'), key: undefined as never });
    expect(manifest).toMatchObject({ keys: true, checkpoint: null });
    expect(readFileSync(join(target, 'keys', 'ledger.pem'), 'utf8')).toBe('secret');
    expect(verifyBackup(target).ok).toBe(true);
  });

  it('overwrites nothing', () => {
    put(join(target, 'mine'), 'x');
    expect(() => backup()).toThrow(code('BACKUP_EXISTS'));
  });

  it('does not spread a damaged blob, nor leave a manifest over a missing segment', () => {
    const [fan] = readdirSync(join(state, 'blobs', 'sha256'));
    const folder = join(state, 'blobs', 'sha256', String(fan));
    writeFileSync(join(folder, String(readdirSync(folder)[0])), 'changed');
    expect(() => backup()).toThrow(code('BLOB_CORRUPT'));
    expect(() => verifyBackup(target)).toThrow(code('BACKUP_DAMAGED'));
    rmSync(target, { recursive: true });
    sealSegment(db, ledger, { upTo: 8, key, time: FAKE_START, actor: 'system' });
    rmSync(join(state, 'segments'), { recursive: true });
    expect(() => backup()).toThrow(code('SEGMENT_MISSING'));
  });

  it('that was killed at any point is taken for half a backup, never for a whole one', async () => {
    backup();
    const whole = readManifest(target);
    const files = [...whole.files.map(({ path }) => path), 'manifest.json'];
    for (let done = 0; done < files.length; done++) {
      const half = mkdtempSync(join(dir.path, 'half-'));
      for (const path of files.slice(0, done)) cpSync(join(target, path), join(half, path), { recursive: true });
      put(join(half, 'manifest.json.part'), '{"dig');
      expect(() => verifyBackup(half)).toThrow(code('BACKUP_DAMAGED'));
      expect(() => restoreBackup(half, join(dir.path, 'nowhere'), { time: 0 })).toThrow(code('BACKUP_DAMAGED'));
    }
    expect(existsSync(join(dir.path, 'nowhere'))).toBe(false);
  });
});

describe('verifyBackup', () => {
  it.each([
    ['a changed file', () => writeFileSync(join(target, 'signalbox.db'), 'x'), 'signalbox.db is not as it was copied.'],
    ['a missing file', () => rmSync(join(target, 'signalbox.db')), 'signalbox.db is not there.'],
    ['a file too many', () => put(join(target, 'blobs', 'more'), 'x'), 'blobs/more does not belong to the backup.'],
  ])('finds %s', (_, work, problem) => {
    backup();
    work();
    expect(verifyBackup(target)).toMatchObject({ ok: false, problems: [problem] });
  });

  it('finds a manifest that was changed, or that would write elsewhere', () => {
    const manifest = backup();
    const file = join(target, 'manifest.json');
    const text = readFileSync(file, 'utf8');
    const files = manifest.files.map((each, i) => (i === 0 ? { ...each, path: '../outside' } : each));
    for (const changed of [text.replace('2026', '2027'), 'no json', '{}', formatManifest({ ...manifest, files })]) {
      writeFileSync(file, changed);
      expect(() => verifyBackup(target)).toThrow(code('BACKUP_DAMAGED'));
    }
  });

  it('takes no database but the one that it verifies, and no content under the name of another', () => {
    const manifest = backup();
    const write = (path: string, text: string) => {
      put(join(target, path), text);
      return { path, bytes: text.length, digest: sha256(text) };
    };
    const state = (database: string, files: BackupFile[]): void =>
      writeFileSync(join(target, 'manifest.json'), formatManifest({ ...manifest, database, files }));
    const [blob, ...rest] = manifest.files;
    for (const path of ['other.db', 'signalbox.db-wal', 'signalbox.db-journal']) {
      state('signalbox.db', [...manifest.files, write(path, 'text')]);
      expect(() => verifyBackup(target)).toThrow(code('BACKUP_DAMAGED'));
      rmSync(join(target, path));
    }
    for (const database of ['../state/signalbox.db', 'other.db']) {
      state(database, manifest.files);
      expect(() => verifyBackup(target)).toThrow(code('BACKUP_DAMAGED'));
    }
    state('signalbox.db', [write(String(blob?.path), 'forged'), ...rest]);
    expect(verifyBackup(target).problems).toEqual([expect.stringContaining('not the content that its name says')]);
  });

  it('finds a ledger that does not verify, or is not the one of the manifest', () => {
    db.exec("UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 4");
    const manifest = backup();
    expect(verifyBackup(target)).toMatchObject({ ok: false, problems: [expect.stringContaining('does not verify')] });
    const other = { ...manifest, checkpoint: null, ledger: { ...manifest.ledger, size: 3 } };
    writeFileSync(join(target, 'manifest.json'), formatManifest(other));
    expect(verifyBackup(target).problems).toHaveLength(3);
  });

  it('refuses what a newer version made', () => {
    const manifest = backup();
    const file = join(target, 'manifest.json');
    for (const newer of [
      { ...manifest, format: 2 },
      { ...manifest, schema: { ...manifest.schema, audit: 99 } },
    ]) {
      writeFileSync(file, formatManifest(newer));
      expect(() => verifyBackup(target)).toThrow(code('BACKUP_NEWER'));
    }
    writeFileSync(file, formatManifest({ ...manifest, schema: { ...manifest.schema, tasks: 3 } }));
    expect(() => verifyBackup(target, { schema: { tasks: 2 } })).toThrow(code('BACKUP_NEWER'));
    expect(verifyBackup(target, { schema: { tasks: 3 } }).ok).toBe(true);
  });
});

describe('restoreBackup', () => {
  it('puts the backup in place, keeps what was there, and carries over what no backup holds', () => {
    sealSegment(db, ledger, { upTo: 8, key, time: FAKE_START, actor: 'system' });
    backup();
    append(9);
    db.close();
    const { kept, manifest } = restore({ carryOver: ['keys', 'traces'] });
    expect(kept).toBe(`${state}.before-restore-2026-01-01T00-00-00-000Z`);
    expect(readFileSync(join(state, 'keys', 'ledger.pem'), 'utf8')).toBe('secret');
    open();
    expect(ledger.head()).toMatchObject({ size: manifest.ledger.size, root: manifest.ledger.root });
    append(1);
    expect(verifyStoredLedger(db, { verifier: key.verifier })).toMatchObject({ ok: true, entries: 23 });
    const old = openSqlite(join(String(kept), 'signalbox.db'), { mode: 'read-only' });
    expect(Number(old.prepare('SELECT size FROM ledger_head').get()?.['size'])).toBe(31);
    old.close();
    expect(readdirSync(dir.path).sort()).toEqual(['backup', 'state', 'state.before-restore-2026-01-01T00-00-00-000Z']);
  });

  it('restores to where nothing is, and over a database that cannot be read', () => {
    backup();
    const fresh = join(dir.path, 'fresh');
    expect(restoreBackup(target, fresh, { time: 0 }).kept).toBeNull();
    expect(existsSync(join(fresh, 'signalbox.db'))).toBe(true);
    writeFileSync(join(fresh, 'signalbox.db'), 'this is no database, and long enough to be seen as none'.repeat(20));
    expect(restoreBackup(target, fresh, { time: 1 }).kept).toContain('before-restore');
    rmSync(join(fresh, 'signalbox.db'));
    expect(restoreBackup(target, fresh, { time: 2 }).kept).toContain('before-restore');
    expect(() => restoreBackup(target, fresh, { time: 2 })).toThrow(code('STORE_IN_USE'));
  });

  it('changes nothing for a backup that is damaged', () => {
    backup();
    rmSync(join(target, 'signalbox.db'));
    put(join(target, 'more'), 'x');
    expect(() => restore()).toThrow(code('BACKUP_DAMAGED'));
    expect(readdirSync(dir.path).sort()).toEqual(['backup', 'state']);
  });

  it('refuses while this process or another has the store open', async () => {
    backup();
    expect(() => restore()).toThrow(code('STORE_IN_USE'));
    db.close();
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    const script = `const D = require(${JSON.stringify(driver)}); const db = new D(${JSON.stringify(db.file)});
      db.pragma('journal_mode = WAL'); db.prepare('SELECT count(*) FROM ledger').get(); console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(() => restore()).toThrow(code('STORE_IN_USE'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(dir.path).sort()).toEqual(['backup', 'state']);
    expect(restore().kept).not.toBeNull();
  });
});

describe('a restore in two steps', () => {
  const stage = () => stageRestore(target, state, { time: FAKE_START, verifier: key.verifier, carryOver: ['keys'] });

  it('takes what is done in the copy into account, and nothing of it when it is discarded', () => {
    backup({ keys: join(state, 'keys') });
    writeFileSync(join(state, 'keys', 'ledger.pem'), 'newer');
    db.close();
    const dropped = stage();
    put(join(dropped.folder, 'note'), 'x');
    dropped.discard();
    expect(readdirSync(dir.path).sort()).toEqual(['backup', 'state']);
    const staged = stage();
    expect(readFileSync(join(staged.folder, '.gitignore'), 'utf8')).toBe('*\n');
    put(join(staged.folder, 'note'), 'x');
    expect(existsSync(join(state, 'note'))).toBe(false);
    expect(staged.activate().kept).toContain('before-restore');
    expect(readFileSync(join(state, 'note'), 'utf8')).toBe('x');
    expect(readFileSync(join(state, 'keys', 'ledger.pem'), 'utf8')).toBe('newer');
  });

  it('that was killed before it took effect is cleared away by the next one', () => {
    backup();
    db.close();
    for (const ending of ['.restoring-1', '.restored-1']) put(join(`${state}${ending}`, 'half'), 'x');
    expect(restoreRemains(state).unfinished).toHaveLength(2);
    expect(resumeRestore(state)).toBe(false);
    stage().discard();
    expect(restoreRemains(state)).toEqual({ kept: [], unfinished: [] });
  });

  it('that was killed between its two renames is ended by whoever comes next', () => {
    backup();
    append(3);
    db.close();
    restore();
    const [kept] = restoreRemains(state).kept;
    const ready = `${state}.restored-1`;
    renameSync(state, ready);
    expect(resumeRestore(state)).toBe(true);
    open();
    expect(ledger.head().size).toBe(21);
    db.close();
    renameSync(state, `${ready}-away`);
    put(join(`${state}.restored-2`, 'x'), 'x');
    expect(() => resumeRestore(state)).toThrow(code('RESTORE_INTERRUPTED'));
    rmSync(`${state}.restored-2`, { recursive: true });
    renameSync(`${ready}-away`, join(dir.path, 'elsewhere'));
    expect(() => resumeRestore(state)).toThrow(code('RESTORE_INTERRUPTED'));
    rmSync(String(kept), { recursive: true });
    expect(resumeRestore(state)).toBe(false);
    expect(resumeRestore(join(dir.path, 'no', 'such', 'state'))).toBe(false);
  });
});
