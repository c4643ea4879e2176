import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createSigningKey, verifierKey } from '@signalbox/audit';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { initProject, readStatus, verifyLedgerFile } from '../src/index.js';
import { findHome } from '../src/project/index.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

/** Changes the store behind our back. */
function tamper(project: Project, sql: string): void {
  const db = openSqlite(join(project.root, '.ai/state/signalbox.db'));
  db.exec(sql);
  db.close();
}

describe('the ledger of a project', () => {
  it('is whole, and proven so by its anchor in git', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'unproven' });
      const { checkpoint, note, anchored } = await box.ledger.checkpoint();
      expect(anchored).toBe(true);
      // The start of the log, the two policy files, the decision and the task.
      expect(checkpoint.size).toBe(5);
      expect(project.git('cat-file', 'blob', 'refs/signalbox/ledger')).toBe(note.trimEnd());
      expect(await box.ledger.verify()).toMatchObject({
        ok: true,
        completeness: 'proven',
        anchoredAt: { size: 5 },
        signer: project.read('.ai/ledger.pub').trim(),
      });
    }));

  it('shows an entry that was edited', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box, { title: 'Innocent' });
      await box.ledger.checkpoint();
      tamper(project, `UPDATE ledger SET line = replace(line, 'Innocent', 'Harmless') WHERE seq = 5`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, integrity: false, kind: 'edited', firstBad: 5 });
    }));

  it('shows an end that was cut off, together with everything in the store that would tell', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const short = readFileSync(join(project.root, '.ai/state/signalbox.db'));
      await box.close();
      const again = await project.open();
      await add(again);
      await again.ledger.checkpoint();
      await again.close();
      for (const end of ['-wal', '-shm']) rmSync(join(project.root, `.ai/state/signalbox.db${end}`), { force: true });
      const kept = openSqlite(join(project.root, '.ai/state/signalbox.db'));
      kept.close();
      expect(short.length).toBeGreaterThan(0);
      tamper(project, 'DELETE FROM ledger WHERE seq > 3; DELETE FROM ledger_checkpoint');
      const cut = await project.open();
      expect(await cut.ledger.verify()).toMatchObject({ ok: false, kind: 'truncated' });
    }));

  it('shows evidence that is not what was recorded', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      await execute(box, await add(box, { type: 'review' }));
      const [entry] = box.ledger.read({ kind: 'evidence.collected' });
      const id = String(entry?.data['id']);
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
      tamper(project, `CREATE TABLE kept AS SELECT * FROM evidence WHERE id = '${id}'`);
      const restore = 'DELETE FROM evidence WHERE id IN (SELECT id FROM kept); INSERT INTO evidence SELECT * FROM kept';
      const forgeries = [
        ...[
          "task = 'tsk_x'",
          "attempt = 'att_x'",
          "kind = 'x'",
          "producer = 'x'",
          "grade = CASE grade WHEN 'claimed' THEN 'verified' ELSE 'claimed' END",
          "tree = 'x'",
        ],
        ...["digest = 'x'", 'size = 999999', "at = 'x'", `summary = '{"exitCode":0}'`],
      ];
      for (const forged of forgeries) {
        tamper(project, `UPDATE evidence SET ${forged} WHERE id = '${id}'`);
        const report = { ok: false, integrity: false, kind: 'edited', firstBad: entry?.seq };
        expect(await box.ledger.verify()).toMatchObject({
          ...report,
          reason: expect.stringContaining(`The ${forged.split(' ')[0]} of`),
        });
        tamper(project, restore);
      }
      tamper(
        project,
        `INSERT INTO evidence SELECT 'evd_x', ${'task attempt kind producer grade tree digest size at summary'.split(' ').join(', ')} FROM kept`,
      );
      const extra = await box.ledger.verify();
      expect(extra).toMatchObject({ integrity: false, kind: 'edited', reason: expect.stringContaining('evd_x') });
      expect(extra.firstBad).toBeUndefined();
      tamper(project, `DELETE FROM evidence WHERE id = 'evd_x'`);
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      tamper(project, `DELETE FROM evidence WHERE id = '${id}'`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, kind: 'missing', firstBad: entry?.seq });
    }));

  it('tells of something unreadable in the place of its anchor, until a checkpoint is made', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const unreadable = { ok: false, integrity: true, completeness: 'unproven' };
      const reason = expect.stringContaining('cannot be read');
      project.git('update-ref', 'refs/signalbox/ledger', 'HEAD');
      expect(await box.ledger.verify()).toMatchObject({ ...unreadable, reason });
      project.git('update-ref', 'refs/signalbox/ledger', project.git('hash-object', '-w', 'README.md'));
      expect(await box.ledger.verify()).toMatchObject({ ...unreadable, reason });
      project.write('.git/refs/signalbox/ledger', 'junk\n');
      expect(await box.ledger.verify()).toMatchObject({ ...unreadable, reason });
      rmSync(join(project.root, '.git/refs/signalbox/ledger'));
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'unproven' });
      await box.ledger.checkpoint();
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));

  it('goes by this machine’s key, else by any of those that the team has committed', () =>
    withProject({ init: false }, async (project) => {
      const stranger = verifierKey(createSigningKey('signalbox.dev'));
      project.write('.ai/ledger.pub', stranger);
      await initProject({
        folder: project.root,
        explicit: true,
        home: findHome(project.environment),
        environment: project.environment,
      });
      const [first, own, ...rest] = project.read('.ai/ledger.pub').split('\n');
      expect([first, rest]).toEqual([stranger, ['']]);
      const box = await project.open();
      await box.ledger.checkpoint();
      const proven = { ok: true, completeness: 'proven', signer: own };
      expect(await box.ledger.verify()).toMatchObject(proven);
      project.write('.ai/ledger.pub', `${stranger}\n`);
      expect(await box.ledger.verify()).toMatchObject(proven);
      rmSync(join(project.root, '.ai/state/keys'), { recursive: true });
      expect(await box.ledger.verify()).toMatchObject({ ok: false, signer: stranger });
      project.write('.ai/ledger.pub', `${stranger}\n${own}\n`);
      expect(await box.ledger.verify()).toMatchObject(proven);
    }));

  it('is not signed with a second key when the first is lost', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      rmSync(join(project.root, '.ai/state/keys'), { recursive: true });
      await box.ledger.checkpoint();
      expect(project.read('.ai/ledger.pub').trim().split('\n')).toHaveLength(2);
      rmSync(join(project.root, '.ai/state/keys'), { recursive: true });
      await expect(box.ledger.checkpoint()).rejects.toMatchObject({ code: 'KEY_LOST' });
      expect(() => box.ledger.export()).toThrow(/is gone/);
      expect(existsSync(join(project.root, '.ai/state/keys'))).toBe(false);
    }));

  it('is exported to a file that an outsider can verify', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box, { title: 'Ünïcode', description: 'ü'.repeat(100_000) });
      const file = join(project.place, 'export.jsonl');
      const lines = [...box.ledger.export()];
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      expect(verifyLedgerFile(file)).toMatchObject({ ok: true, entries: 5 });
      writeFileSync(file, lines.slice(0, -1).join('\n'));
      expect(verifyLedgerFile(file)).toMatchObject({ ok: false, kind: 'truncated' });
    }));

  it('is kept without an anchor outside of git', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      expect(await box.ledger.checkpoint()).toMatchObject({ anchored: false });
      rmSync(join(project.root, '.ai/ledger.pub'));
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'unproven' });
    }));

  it('is signed with a key that only its owner can read', () =>
    withProject({}, async (project) => {
      expect(statSync(join(project.root, '.ai/state/keys/ledger.pem')).mode & 0o077).toBe(0);
      expect(project.git('check-ignore', '.ai/state/keys/ledger.pem')).toBe('.ai/state/keys/ledger.pem');
    }));
});

describe('the status of a project', () => {
  it('tells what runs, what waits and what has not been landed', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const status = () => readStatus(box.store, 'main', project.environment);
      expect(await status()).toMatchObject({ counts: { queued: 0 }, unlanded: null, running: [], ais: [] });
      await shellAI(box, 'echo x > b.txt');
      const task = await add(box, { checks: ['true'] });
      const waiting = await add(box, { needs: [task.id] });
      const during: Promise<unknown>[] = [];
      await execute(box, task, { on: ({ step }) => step === 'agent' && void during.push(status()) });
      expect(await during[0]).toMatchObject({
        running: [{ id: task.id, status: 'running', ai: 'sh', holder: expect.stringMatching(/^executor:/) }],
        blocked: [{ id: waiting.id }],
        ais: [{ id: 'sh', running: 1, maxConcurrent: 1 }],
      });
      expect(await status()).toMatchObject({
        root: project.root,
        counts: { done: 1, queued: 1 },
        unlanded: { base: 'main', commits: 1 },
        ledgerEntries: box.store.ledger.head().size,
      });
      expect((await readStatus(box.store, 'gone', project.environment)).unlanded).toBeNull();
    }));

  it('has nothing to say of landing outside of git', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      expect((await readStatus(box.store, 'main', project.environment)).unlanded).toBeNull();
    }));
});
