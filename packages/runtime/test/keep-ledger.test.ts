import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createRotation, createSigningKey, originOf, saveSigningKey, verifierKey } from '@signalbox/audit';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import {
  examine,
  exportForPerson,
  parseVerifiers,
  rotateKey,
  type Signalbox,
  sealLog,
  signLog,
  updateTask,
  verifyLedgerFile,
} from '../src/index.js';
import { asPerson } from '../src/ledger/as-person.js';
import { projectPaths } from '../src/project/index.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

/** Changes the store behind our back. */
function tamper(project: Project, sql: string): void {
  const db = openSqlite(join(project.root, '.ai/state/signalbox.db'));
  db.exec(sql);
  db.close();
}

const AGENT = { kind: 'ai', id: 'sh' } as const;
const refused = expect.objectContaining({ code: 'AGENT_REFUSED' });
const keysOf = (project: Project): string[] => readdirSync(join(project.root, '.ai/state/keys')).sort();
const published = (project: Project): string[] => project.read('.ai/ledger.pub').trim().split('\n');

describe('replacing the signing key', () => {
  it('is recorded, keeps the old key for its owner, and leaves a log that verifies from the first key on', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await box.ledger.checkpoint();
      const rotation = await rotateKey(box);
      const [first, second] = published(project);
      expect(rotation).toMatchObject({ from: first, to: second });
      expect(box.ledger.read({ after: rotation.entry - 1 })).toMatchObject([
        { kind: 'key.rotated', seq: rotation.entry },
      ]);
      expect(keysOf(project)).toEqual(['ledger.1.pem', 'ledger.pem']);
      for (const name of keysOf(project)) {
        expect(statSync(join(project.root, '.ai/state/keys', name)).mode & 0o777).toBe(0o600);
      }
      await add(box);
      await box.ledger.checkpoint();
      const report = await box.ledger.verify();
      expect(report).toMatchObject({ ok: true, completeness: 'proven', signer: first });
      expect(report.proved.join(' ')).toContain('and 1 that it was handed on to');
      await rotateKey(box);
      await box.ledger.checkpoint();
      expect(await box.ledger.verify()).toMatchObject({ ok: true, signer: first });
      expect(keysOf(project)).toEqual(['ledger.1.pem', 'ledger.2.pem', 'ledger.pem']);
      const file = join(project.place, 'export.jsonl');
      writeFileSync(file, [...box.ledger.export()].map((line) => `${line}\n`).join(''));
      expect(verifyLedgerFile(file, parseVerifiers(String(first)))).toMatchObject({ ok: true, signer: first });
      const stranger = createSigningKey('signalbox.dev').verifier;
      expect(verifyLedgerFile(file, [stranger]).ok).toBe(false);
      expect(verifyLedgerFile(file, [stranger, ...parseVerifiers(String(first))]).ok).toBe(true);
      rmSync(join(project.root, '.ai/state/keys'), { recursive: true });
      expect(await box.ledger.verify()).toMatchObject({ ok: true, signer: first });
    }));

  it('that died before it was recorded never happened, and one that died after it is finished by the next command', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const next = join(project.root, '.ai/state/keys/ledger.next.pem');
      const before = published(project);
      const unused = createSigningKey('signalbox.dev');
      saveSigningKey(next, unused);
      await box.ledger.checkpoint();
      expect([keysOf(project), published(project)]).toEqual([['ledger.pem'], before]);
      writeFileSync(next, 'Key-Name: half');
      await box.ledger.checkpoint();
      expect(keysOf(project)).toEqual(['ledger.pem']);

      const key = createSigningKey('signalbox.dev');
      saveSigningKey(next, key);
      const { ledger, db } = box.store;
      const entry = createRotation(originOf(ledger.head().logId), box.ledger.signingKey(), unused, 'user:ana');
      expect(existsSync(next)).toBe(false); // it was not recorded
      saveSigningKey(next, unused);
      transact(db, () => ledger.append([entry], db));
      expect(verifierKey(box.ledger.signingKey())).toBe(verifierKey(unused));
      expect(keysOf(project)).toEqual(['ledger.1.pem', 'ledger.pem']);
      expect(published(project)).toEqual([...before, verifierKey(unused)]);
      await box.ledger.checkpoint();
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));
});

describe('sealing old entries', () => {
  it('moves them into a file, and everything goes on as before', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const task = await add(box, { type: 'review' });
      await execute(box, task);
      const all = box.ledger.read();
      const sealed = await sealLog(box, { keep: 3 });
      expect(sealed).toMatchObject({ first: 1, last: all.length - 3, folder: box.store.paths.segments });
      expect(box.ledger.read().slice(0, all.length)).toEqual(all);
      // The decision, and that it was sealed.
      expect(await box.ledger.verify()).toMatchObject({ ok: true, entries: all.length + 2 });
      await add(box, { title: 'More' });
      await sealLog(box, { before: all.length + 1 });
      await box.ledger.checkpoint();
      expect(await box.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
      await expect(sealLog(box, { before: 2 })).rejects.toMatchObject({ code: 'SEAL_RANGE' });
      rmSync(join(sealed.folder, sealed.file));
      expect(await box.ledger.verify()).toMatchObject({
        ok: false,
        kind: 'missing',
        firstBad: 1,
        segment: sealed.file,
      });
    }));
});

describe('verifying what was added', () => {
  it('goes on from what was found well, and says that it compared no table', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const first = await box.ledger.verify({ mode: 'incremental' });
      expect(first).toMatchObject({ ok: true, mode: 'full' });
      await box.ledger.checkpoint();
      await box.ledger.verify();
      await add(box);
      const size = box.store.ledger.head().size;
      const again = await box.ledger.verify({ mode: 'incremental' });
      expect(again).toMatchObject({ ok: true, mode: 'incremental', completeness: 'proven', entries: size });
      expect(again.readFrom).toBeGreaterThan(1);
      expect(again.proved.join(' ')).toContain('were not compared');
      tamper(project, `UPDATE ledger SET line = replace(line, 'Do it', 'Do not') WHERE seq = ${size}`);
      expect(await box.ledger.verify({ mode: 'incremental' })).toMatchObject({ ok: false, firstBad: size });
    }));

  it('can ask for another key, which then did not sign it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await box.ledger.checkpoint();
      const keys = [createSigningKey('elsewhere').verifier];
      expect(await box.ledger.verify({ keys })).toMatchObject({
        ok: false,
        reason: expect.stringContaining('elsewhere'),
      });
    }));
});

describe('the table of tasks', () => {
  const found = async (box: Signalbox) => box.ledger.verify();

  it('has for each task what the last entry about it says', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      const done = await add(box, { type: 'review' });
      await execute(box, done);
      const waiting = await add(box, { needs: [(await add(box)).id] });
      expect(await found(box)).toMatchObject({ ok: true, integrity: true });
      const last = box.ledger.read({ task: waiting.id }).at(-1)?.seq;
      tamper(project, `UPDATE task SET status = 'done' WHERE id = '${waiting.id}'`);
      expect(await found(box)).toMatchObject({
        ...{ ok: false, integrity: false, kind: 'edited', firstBad: last },
        reason: expect.stringContaining(`The task ${waiting.id} is done in the queue`),
      });
      tamper(project, `UPDATE task SET status = 'blocked' WHERE id = '${waiting.id}'`);
      tamper(project, `UPDATE task SET status = 'queued' WHERE id = '${done.id}'`);
      expect(await found(box)).toMatchObject({ ok: false, reason: expect.stringContaining('left it done') });
      tamper(project, `UPDATE task SET status = 'done', id = 'tsk_x' WHERE id = '${done.id}'`);
      expect(await found(box)).toMatchObject({ ok: false, reason: 'The task tsk_x was recorded by no entry.' });
      tamper(project, `DELETE FROM task WHERE id = 'tsk_x'`);
      expect(await found(box)).toMatchObject({
        ok: false,
        kind: 'missing',
        reason: expect.stringContaining('is gone'),
      });
    }));
});

describe('what a task is to do', () => {
  it('is found changed behind the log, and not when it was changed as it should be', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { id } = await add(box, { checks: ['npm test'], title: 'One' });
      await updateTask(box, id, { title: 'Two', description: 'More', checks: ['npm run lint'] });
      await updateTask(box, id, { priority: 3 });
      const [, changed] = box.ledger.read({ task: id }).filter(({ kind }) => /^task\.(created|updated)$/.test(kind));
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      tamper(project, `UPDATE task SET spec = replace(spec, 'npm run lint', 'true')`);
      expect(await box.ledger.verify()).toMatchObject({
        ...{ ok: false, integrity: false, kind: 'edited', firstBad: changed?.seq },
        reason: expect.stringContaining(`The task ${id} has other words under checks`),
      });
      tamper(project, `UPDATE task SET spec = 'no JSON'`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, firstBad: changed?.seq });
    }));
});

describe('the table of AIs', () => {
  it('has for each what the last entry about it says: what is in it is run', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo fine');
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      const [registered] = box.ledger.read({ kind: 'ai.registered' });
      tamper(project, `UPDATE ai SET instance = replace(instance, 'echo fine', 'echo evil')`);
      expect(await box.ledger.verify()).toMatchObject({
        ...{ ok: false, kind: 'edited', firstBad: registered?.seq },
        reason: expect.stringContaining('another config'),
      });
      tamper(project, `UPDATE ai SET instance = 'no JSON'`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, firstBad: registered?.seq });
      tamper(project, `UPDATE ai SET id = 'other'`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, reason: 'The AI other was recorded by no entry.' });
    }));
});

describe('the anchor', () => {
  it('that a log does not extend stays until a person has it replaced, and is kept', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      await add(box);
      await box.ledger.checkpoint();
      const anchor = project.git('cat-file', 'blob', 'refs/signalbox/ledger');
      await box.close();
      rmSync(join(project.root, '.ai/state/signalbox.db'));
      const anew = await project.open();
      expect(await anew.ledger.checkpoint()).toMatchObject({ anchored: false, replaced: null });
      expect(project.git('cat-file', 'blob', 'refs/signalbox/ledger')).toBe(anchor);
      expect(await anew.ledger.verify()).toMatchObject({ ok: false, reason: expect.stringContaining('started anew') });
      await add(anew);
      const made = await signLog(anew);
      expect(made).toMatchObject({ anchored: true, replaced: { size: 7 } });
      expect(project.git('for-each-ref', '--format=%(refname)', 'refs/signalbox/replaced')).not.toBe('');
      expect(await anew.ledger.verify()).toMatchObject({ ok: true, completeness: 'proven' });
    }));
});

describe('what only a person does with the ledger', () => {
  it('is refused to an AI, and the attempt recorded', () =>
    withProject({}, async (project) => {
      const box = { ...(await project.open()), actor: AGENT };
      for (const what of [signLog, rotateKey, exportForPerson]) await expect(what(box)).rejects.toEqual(refused);
      await expect(sealLog(box, { keep: 1 })).rejects.toEqual(refused);
      expect(box.ledger.read({ kind: 'agent.refused' })).toHaveLength(4);
      expect(keysOf(project)).toEqual(['ledger.pem']);
    }));

  it('is judged by policy if its language has a word for it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const entry = { kind: 'log.exported', actor: 'user:ana', subject: 'log/x', data: { size: 1 } };
      // Any action that rules can name.
      const ask = { action: 'task.land' as 'audit.land', what: 'do this' };
      await asPerson({ ...box, actor: USER }, ask, (withDecision) => box.door.record(withDecision([entry])));
      expect(box.ledger.read().slice(-2)).toMatchObject([{ kind: 'policy.decided' }, { kind: 'log.exported' }]);
      const rule = '  - { id: no, effect: deny, on: [task.land], reason: Not here }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      project.trust();
      const denied = asPerson({ ...box, actor: USER }, ask, () => undefined);
      await expect(denied).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    }));

  it('is recorded when it is an export', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { size } = box.store.ledger.head();
      const lines = [...(await exportForPerson(box))];
      const [entry] = box.ledger.read({ kind: 'log.exported' });
      // Two texts of the policy came into force in between.
      expect(entry?.data).toEqual({ size: size + 2 });
      expect(lines).toHaveLength(Number(entry?.seq) + 1);
    }));
});

describe('doctor', () => {
  it('tells of keys that others can read, of those that are gone, and of missing segments', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box);
      const paths = projectPaths(project.root, box.store.paths.home);
      const { environment } = project;
      const look = async (name: string) =>
        (
          await examine({ folder: project.root, paths, environment, clock: box.store.clock, connectors: [] } as never)
        ).find((finding) => finding.name === name);
      expect(await look('key')).toMatchObject({ state: 'good', text: 'never replaced' });
      await rotateKey(box);
      expect(await look('key')).toMatchObject({ state: 'good', text: 'replaced 1 times' });
      const { file, folder } = await sealLog(box, { keep: 2 });
      expect(await look('segments')).toBeUndefined();
      rmSync(join(folder, file));
      expect(await look('segments')).toMatchObject({ state: 'bad', text: expect.stringContaining(file) });
      const key = join(paths.keys, 'ledger.pem');
      chmodSync(key, 0o644);
      expect(await look('key')).toMatchObject({ state: 'bad', hint: `Run \`chmod 600 ${key}\`.` });
      writeFileSync(join(paths.keys, 'ledger.1.pem'), 'x');
      expect(await look('key')).toMatchObject({ state: 'bad' });
      rmSync(paths.keys, { recursive: true });
      expect(await look('key')).toMatchObject({ state: 'warn' });
    }));
});
