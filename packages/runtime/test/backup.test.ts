import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { resumeRestore } from '@signalbox/audit';
import { canonicalJson, digestOf, sha256, systemClock } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import {
  backUpProject,
  checkBackup,
  claimThroughDoor,
  initProject,
  planRestore,
  type RestoreResult,
  restoreProject,
  rotateKey,
  type Signalbox,
  sealLog,
} from '../src/index.js';
import { findHome, openStore, projectPaths } from '../src/project/index.js';
import { add, execute, kinds, type Project, shellAI, USER, withProject } from './support/bench.js';

const code = (value: string) => expect.objectContaining({ code: value });
const envOf = (project: Project) => ({
  paths: projectPaths(project.root, findHome(project.environment)),
  clock: systemClock,
  environment: project.environment,
});
const restore = async (project: Project, folder: string): Promise<RestoreResult> =>
  restoreProject(envOf(project), await planRestore(envOf(project), folder));
const claim = (box: Signalbox, task: string) =>
  claimThroughDoor(box.tasks, box.door, {
    ...({ actor: USER, action: 'task.claim', holder: 'user:ana', ttlMs: 3_600_000, task } as const),
  });
const aiFiles = (project: Project): string[] => readdirSync(join(project.root, '.ai')).sort();

describe('a backup of a project', () => {
  it('holds the database, sealed entries and evidence, and is recorded', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      await execute(box, await add(box, { type: 'review' }));
      await sealLog(box, { keep: 5 });
      const folder = join(project.place, 'copy');
      const made = await backUpProject(box, { folder });
      const paths = made.manifest.files.map(({ path }) => path.split('/')[0]);
      expect([...new Set(paths)].sort()).toEqual(['blobs', 'segments', 'signalbox.db']);
      const [entry] = box.ledger.read({ kind: 'backup.made' });
      expect(entry).toMatchObject({
        actor: expect.stringMatching(/^user:/),
        data: { digest: made.digest, keys: false },
      });
      expect(checkBackup(folder, [box.ledger.signingKey().verifier])).toMatchObject({ ok: true, ledger: { ok: true } });
      await expect(backUpProject(box, { folder })).rejects.toEqual(code('BACKUP_EXISTS'));
      const own = await backUpProject(box, { withKeys: true });
      expect(own.folder.startsWith(join(project.root, '.ai/backups/'))).toBe(true);
      expect(existsSync(join(own.folder, 'keys/ledger.pem'))).toBe(true);
      expect(project.git('status', '--porcelain', '--', '.ai/backups')).toBe('');
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
    }));

  it('is for persons only, to make as to restore, also where no state can be opened', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const made = await backUpProject(box);
      const agent = { ...box, actor: { kind: 'ai', id: 'sh' } } as Signalbox;
      await expect(backUpProject(agent)).rejects.toEqual(code('AGENT_REFUSED'));
      await box.close();
      const env = {
        ...envOf(project),
        environment: { ...project.environment, SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' },
      };
      await expect(planRestore(env, made.folder)).rejects.toEqual(code('AGENT_REFUSED'));
      rmSync(join(project.root, '.ai/state/signalbox.db'));
      await expect(planRestore(env, made.folder)).rejects.toEqual(code('AGENT_REFUSED'));
    }));
});

describe('a restore', () => {
  it('brings the state back, keeps what was there with its traces, and goes on with a log that verifies', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const done = await add(box, { type: 'review' });
      await execute(box, done);
      const { folder, manifest } = await backUpProject(box);
      const late = await add(box, { title: 'After the backup' });
      await box.ledger.checkpoint();
      await box.close();
      const result = await restore(project, folder);
      expect(result).toMatchObject({ entries: manifest.ledger.size, anchored: true, requeued: [] });
      expect(result.replaced?.size).toBeGreaterThan(manifest.ledger.size);
      expect(readdirSync(join(project.root, '.ai/state/traces')).length).toBeGreaterThan(0);
      expect(existsSync(join(String(result.kept), 'signalbox.db'))).toBe(true);
      expect(
        project
          .git('status', '--porcelain', '--', '.ai')
          .split('\n')
          .filter((line) => /state/.test(line)),
      ).toEqual([]);
      const again = await project.open();
      expect(await again.tasks.get(late.id)).toBeNull();
      expect(await again.tasks.get(done.id)).toMatchObject({ status: 'done' });
      const [entry] = again.ledger.read({ kind: 'backup.restored' });
      expect(entry?.data).toMatchObject({ size: manifest.ledger.size, createdAt: manifest.createdAt });
      expect(entry?.data['anchor']).toMatchObject({ size: result.replaced?.size });
      const report = await again.ledger.verify();
      expect(report).toMatchObject({ ok: true, completeness: 'proven', anchoredAt: { size: entry?.seq } });
      await execute(again, await add(again, { type: 'review' }));
      expect(await again.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));

  it('ends every lease of the backup, and no holder from after it can pass for the next one', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const stale = await claim(box, task.id);
      const { folder } = await backUpProject(box);
      await box.tasks.requeue(task.id, () => []);
      const later = await claim(box, task.id);
      expect(later.lease.fence).toBe(2);
      await box.close();
      expect((await restore(project, folder)).requeued).toEqual([task.id]);
      const again = await project.open();
      expect(await again.tasks.get(task.id)).toMatchObject({ status: 'queued', lease: null });
      expect(kinds(again, `task/${task.id}`).at(-1)).toBe('task.requeued');
      for (const { lease } of [stale, later]) {
        const ref = { task: task.id, lease: lease.id };
        const settled = await again.tasks.settle(ref, { kind: 'release' }, {}, () => []);
        expect(settled.status).toBe('lease_lost');
      }
      const next = await claim(again, task.id);
      expect(next.lease.fence).toBe(3);
      const byFence = await again.tasks.settle({ task: task.id, fence: 2 }, { kind: 'release' }, {}, () => []);
      expect(byFence.status).toBe('lease_lost');
      expect(await again.ledger.verify()).toMatchObject({ ok: true });
    }));

  it('raises the fences far when nobody can tell any more what was granted', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const { folder } = await backUpProject(box);
      await box.close();
      for (const end of ['', '-wal', '-shm'])
        rmSync(join(project.root, `.ai/state/signalbox.db${end}`), { force: true });
      writeFileSync(join(project.root, '.ai/state/signalbox.db'), 'no database at all, as one can see '.repeat(100));
      const { kept } = await restore(project, folder);
      expect(kept).not.toBeNull();
      const again = await project.open();
      const { lease } = await claim(again, task.id);
      expect(lease.fence).toBe(1_001);
    }));

  it('finds what had been landed by then, though the backup does not know that it had', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const claimed = await claim(box, task.id);
      const ref = { task: task.id, lease: claimed.lease.id };
      await box.tasks.start(ref, { id: 'att_1', ai: null, data: {} }, () => [
        { kind: 'task.started', actor: 'system', subject: `task/${task.id}`, data: { attempt: 'att_1' } },
      ]);
      const head = project.git('rev-parse', 'HEAD');
      project.git('update-ref', 'refs/heads/signalbox/integration', head);
      await box.tasks.intendLanding(
        ref,
        { ref: 'refs/heads/signalbox/integration', old: head, new: head } as never,
        () => [],
      );
      const { folder } = await backUpProject(box);
      await box.close();
      expect((await restore(project, folder)).requeued).toEqual([]);
      const again = await project.open();
      expect(await again.tasks.get(task.id)).toMatchObject({ status: 'done' });
    }));

  it('hands the log over to the present key again when that came after the backup', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { folder } = await backUpProject(box, { withKeys: true });
      await rotateKey(box);
      await box.ledger.checkpoint();
      await box.close();
      await restore(project, folder);
      const again = await project.open();
      expect(kinds(again)).toContain('key.rotated');
      expect(readdirSync(join(project.root, '.ai/state/keys')).sort()).toEqual(['ledger.1.pem', 'ledger.pem']);
      expect(await again.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));

  it('refuses a backup whose tables say what its log does not, as its verification does', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const { folder, manifest } = await backUpProject(box, { folder: join(project.place, 'copy') });
      const key = box.ledger.signingKey().verifier;
      await box.close();
      const file = join(folder, manifest.database);
      const db = openSqlite(file);
      db.exec("UPDATE task SET status = 'done'");
      db.exec('PRAGMA journal_mode = DELETE');
      db.close();
      const bytes = readFileSync(file);
      const files = manifest.files.map((each) =>
        each.path === manifest.database ? { ...each, bytes: bytes.length, digest: sha256(bytes) } : each,
      );
      const forged = { ...manifest, files };
      writeFileSync(
        join(folder, 'manifest.json'),
        `${canonicalJson({ digest: digestOf(forged), manifest: forged })}\n`,
      );
      expect(checkBackup(folder, [key])).toMatchObject({ ok: false, problems: [expect.stringContaining('is done')] });
      await expect(restore(project, folder)).rejects.toEqual(code('BACKUP_DAMAGED'));
      expect(aiFiles(project)).not.toContainEqual(expect.stringContaining('state.'));
      const again = await project.open();
      expect(await again.ledger.verify()).toMatchObject({ ok: true });
    }));

  it('on another machine takes the keys of the backup, and says so when they are nowhere', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const bare = await backUpProject(box, { folder: join(project.place, 'bare') });
      const full = await backUpProject(box, { folder: join(project.place, 'full'), withKeys: true });
      const key = box.ledger.signingKey().verifier.keyHash;
      await withProject({ init: false }, async (other) => {
        mkdirSync(join(other.root, '.ai'), { recursive: true });
        cpSync(join(project.root, '.ai/config.yaml'), join(other.root, '.ai/config.yaml'));
        await initProject({
          ...{ folder: other.root, explicit: true },
          ...{ home: findHome(other.environment), environment: other.environment },
        });
        await expect(planRestore(envOf(other), bare.folder)).rejects.toEqual(code('KEY_LOST'));
        const plan = await planRestore(envOf(other), full.folder);
        expect(plan).toMatchObject({ keys: { from: 'backup' }, anchor: null });
        await restoreProject(envOf(other), plan);
        const there = await other.open();
        expect(there.ledger.signingKey().verifier.keyHash).toBe(key);
        expect(await there.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
      });
    }));

  it('refuses a damaged backup and a store that somebody has open, and changes nothing', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const { folder } = await backUpProject(box);
      const plan = await planRestore(envOf(project), folder);
      const before = aiFiles(project);
      await expect(restoreProject(envOf(project), plan)).rejects.toEqual(code('STORE_IN_USE'));
      expect(aiFiles(project)).toEqual(before);
      await box.close();
      const file = join(folder, 'signalbox.db');
      writeFileSync(file, readFileSync(file).subarray(0, 5000));
      await expect(planRestore(envOf(project), folder)).rejects.toEqual(code('BACKUP_DAMAGED'));
      await expect(restoreProject(envOf(project), plan)).rejects.toEqual(code('BACKUP_DAMAGED'));
      rmSync(join(folder, 'manifest.json'));
      expect(() => checkBackup(folder, [])).toThrow(/never finished/);
      expect(aiFiles(project)).toEqual(before);
      expect(await (await project.open()).tasks.get(task.id)).toMatchObject({ status: 'queued' });
    }));

  it('that was killed between its two renames is ended by the next command', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const { folder } = await backUpProject(box, { withKeys: true });
      await box.close();
      await restore(project, folder);
      const state = join(project.root, '.ai/state');
      renameSync(state, `${state}.restored-12345678`);
      const store = openStore(envOf(project).paths, systemClock);
      expect(await store.tasks.get(task.id)).not.toBeNull();
      store.close();
      rmSync(state, { recursive: true });
      await expect(project.open()).rejects.toEqual(code('RESTORE_INTERRUPTED'));
      expect(existsSync(state)).toBe(false);
      expect(() => resumeRestore(state)).toThrow(/before-restore/);
      expect(await restore(project, folder)).toMatchObject({ kept: null });
    }));

  it('that was killed before it could move the anchor says what to do', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const { folder } = await backUpProject(box);
      await add(box);
      await box.ledger.checkpoint();
      await box.close();
      const anchor = project.git('rev-parse', 'refs/signalbox/ledger');
      await restore(project, folder);
      project.git('update-ref', 'refs/signalbox/ledger', anchor);
      const again = await project.open();
      const report = await again.ledger.verify();
      expect(report).toMatchObject({ ok: false, integrity: true, reason: expect.stringContaining('audit checkpoint') });
      await again.ledger.checkpoint({ replaceAnchor: true });
      expect(await again.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));
});
