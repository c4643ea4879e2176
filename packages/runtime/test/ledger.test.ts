import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createFakeClock } from '@signalbox/testkit';
import { builtinConnectors, examine, readStatus, verifyLedgerFile } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
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
      expect(checkpoint.size).toBe(3);
      expect(project.git('cat-file', 'blob', 'refs/signalbox/ledger')).toBe(note.trimEnd());
      expect(await box.ledger.verify()).toMatchObject({
        ok: true,
        completeness: 'proven',
        anchoredAt: { size: 3 },
        signer: project.read('.ai/ledger.pub').trim(),
      });
    }));

  it('shows an entry that was edited', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box, { title: 'Innocent' });
      await box.ledger.checkpoint();
      tamper(project, `UPDATE ledger SET line = replace(line, 'Innocent', 'Harmless') WHERE seq = 3`);
      expect(await box.ledger.verify()).toMatchObject({ ok: false, integrity: false, kind: 'edited', firstBad: 3 });
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

  it('is exported to a file that an outsider can verify', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await add(box, { title: 'Ünïcode', description: 'ü'.repeat(100_000) });
      const file = join(project.place, 'export.jsonl');
      const lines = [...box.ledger.export()];
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      expect(verifyLedgerFile(file)).toMatchObject({ ok: true, entries: 3 });
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

describe('the doctor', () => {
  const visit = (project: Project, more = {}) =>
    examine({
      folder: project.root,
      paths: projectPaths(project.root, findHome(project.environment)),
      environment: project.environment,
      clock: createFakeClock(),
      connectors: builtinConnectors,
      ...more,
    });
  const states = (findings: Awaited<ReturnType<typeof visit>>) =>
    Object.fromEntries(findings.map(({ name, state }) => [name, state]));

  it('finds a healthy project healthy', () =>
    withProject({}, async (project) => {
      const findings = await visit(project);
      expect(states(findings)).toMatchObject({
        node: 'good',
        git: 'good',
        sqlite: 'good',
        store: 'good',
        sandbox: 'warn',
      });
      expect(findings.map((finding) => finding.name)).toEqual([
        ...['node', 'git', 'sqlite', 'store', 'claude-code', 'sandbox', 'disk'],
      ]);
    }));

  it('tells what is missing outside of a project, outside of git, and without git', () =>
    withProject({ git: false, init: false }, async (project) => {
      expect(states(await visit(project, { paths: null }))).toMatchObject({ git: 'warn', project: 'warn' });
      const environment = { PATH: project.place };
      expect(states(await visit(project, { environment, paths: null }))).toMatchObject({ git: 'bad' });
      writeFileSync(join(project.place, 'git'), '#!/bin/sh\necho git version 2.30.1\n', { mode: 0o755 });
      const old = await visit(project, { environment: { PATH: `${project.place}:/bin` }, paths: null });
      expect(old.find((finding) => finding.name === 'git')).toMatchObject({ state: 'bad', text: '2.30.1' });
    }));

  it('tells of a store that does not open, and of a clock behind the ledger', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      clock.jump(3_600_000);
      const box = await project.open({ clock });
      await add(box);
      await box.close();
      expect(states(await visit(project))).toMatchObject({ clock: 'warn' });
      for (const end of ['-wal', '-shm']) rmSync(join(project.root, `.ai/state/signalbox.db${end}`), { force: true });
      project.write('.ai/state/signalbox.db', 'this is no database'.repeat(100));
      expect(states(await visit(project))).toMatchObject({ store: 'bad' });
    }));

  it('tells which agents are there and logged in', () =>
    withProject({}, async (project) => {
      writeFileSync(join(project.place, 'claude'), '#!/bin/sh\necho 2.1.197\n', { mode: 0o755 });
      const environment = { ...project.environment, PATH: `${project.place}:${project.environment['PATH']}` };
      const agent = async (more: object) =>
        (await visit(project, { environment: { ...environment, ...more } })).find(({ name }) => name === 'claude-code');
      expect(await agent({})).toMatchObject({ state: 'warn', text: '2.1.197, not logged in' });
      expect(await agent({ ANTHROPIC_API_KEY: 'k' })).toMatchObject({ state: 'good' });
    }));
});
