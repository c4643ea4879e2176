import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { checkEntry, entryKinds } from '@signalbox/audit/kinds';
import { ACTIONS } from '@signalbox/policy';
import { createFakeClock } from '@signalbox/testkit';
import {
  acceptIntegration,
  acceptWork,
  addLockByHand,
  addOverride,
  answerApproval,
  backUpProject,
  cancelTask,
  claimThroughDoor,
  completeByHand,
  createGit,
  discardWorkspace,
  expireApprovals,
  exportForPerson,
  failByHand,
  importTasks,
  labelAI,
  landForUser,
  pauseAI,
  removeAI,
  removeEvidence,
  requestLock,
  requeueByHand,
  resumeAI,
  retryTask,
  revertLanding,
  revokeOverride,
  rotateKey,
  type Signalbox,
  sealLog,
  settleByHand,
  signLog,
  startByHand,
  updateAI,
  updateTask,
} from '../src/index.js';
import type { Task } from '../src/project/index.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

const AI = { kind: 'ai', id: 'sh' } as const;
/** Whatever comes of it: what it leaves in the ledger is looked at. */
const settled = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
const envOf = (box: Signalbox) => ({ tasks: box.tasks, door: box.door, actor: USER });

function problemsOf(box: Signalbox): unknown[] {
  return box.ledger.read().flatMap((entry) => {
    const problems = checkEntry(entry);
    return problems.length === 0 ? [] : [{ seq: entry.seq, kind: entry.kind, data: entry.data, problems }];
  });
}

async function hold(box: Signalbox, task: Task, ttlMs = 120_000) {
  const intent = { actor: USER, action: 'task.claim', holder: 'ana', ttlMs, task: task.id } as const;
  const { lease } = await claimThroughDoor(box.tasks, box.door, intent);
  return { task: task.id, lease: lease.id };
}

async function byHand(box: Signalbox): Promise<void> {
  const env = envOf(box);
  const [one, two, three] = [
    await add(box),
    await add(box),
    await add(box, { locks: [{ glob: 'src/**', mode: 'exclusive' }] }),
  ];
  const waiting = await add(box, { needs: [one.id], onNeedFailure: 'fail' });
  await updateTask(env, two.id, { priority: 3, labels: { area: 'api' } });
  const ref = await hold(box, one);
  await addLockByHand(env, ref, { glob: 'docs/**', mode: 'exclusive' });
  await startByHand(env, ref, box.store.ids('att'));
  await cancelTask(env, one.id);
  await requeueByHand(env, one.id);
  await settled(settleByHand(env, ref, 'task.release', { kind: 'release' })); // fenced off
  await settleByHand(env, await hold(box, one), 'task.release', { kind: 'release' });
  const third = await hold(box, three);
  await addLockByHand(env, third, { glob: 'other/**', mode: 'exclusive' });
  const asking = await hold(box, one);
  const attempt = box.store.ids('att');
  await startByHand(env, asking, attempt);
  const lock = { glob: 'other/a', mode: 'exclusive' } as const;
  await settled(requestLock({ ...env, actor: AI, clock: box.store.clock }, { task: one.id, lock, attempt, waitMs: 0 }));
  await settleByHand(env, asking, 'task.release', { kind: 'release' });
  await settleByHand(env, third, 'task.release', { kind: 'release' });
  const held = await hold(box, three);
  await box.tasks.claim(
    { task: (await add(box, { locks: [...three.locks] })).id, holder: 'bob', ttlMs: 5_000, park: true },
    () => [],
  );
  await startByHand(env, held, box.store.ids('att'));
  await failByHand(env, held, { class: 'need_failed', message: 'It cannot be done.' });
  await settled(retryTask(env, three.id));
  await cancelTask(env, two.id, { reason: 'not needed' });
  await cancelTask(env, one.id);
  expect(await box.tasks.get(waiting.id)).toMatchObject({ status: 'failed' });
  const plan = JSON.stringify({ version: 1, tasks: [{ title: 'From elsewhere' }] });
  await settled(importTasks({ ...env, ids: box.store.ids }, plan, 'json'));
}

async function byAgents(project: Project, box: Signalbox): Promise<void> {
  await shellAI(box, 'date +%s%N > src/made.txt');
  await labelAI(box.executor, USER, 'sh', { speed: 'fast' });
  await updateAI(box.executor, USER, 'sh', { maxConcurrent: 2 });
  const done = await add(box, { checks: ['true'] });
  expect((await execute(box, done)).task.status).toBe('done');
  const left = await add(box, { checks: ['false'] });
  await execute(box, left);
  await discardWorkspace({ ...box, actor: USER }, { name: left.id }, { force: false });
  await execute(box, await add(box)); // nothing checks it: for a person to look at
  await execute(box, await add(box, { type: 'command', run: { shell: 'rm -rf /' } }));
  await settled(add(box, {}, AI)); // policy asks
  const [evidence] = box.ledger.read({ kind: 'evidence.collected' });
  await removeEvidence(box, String(evidence?.data['id']), 'too large');
  const git = createGit(project.root, project.environment);
  await revertLanding(box, git, done);
  const unseen = await add(box);
  await execute(box, unseen);
  await acceptWork(box.executor, { actor: USER, task: unseen.id });
  await landForUser({ ...box, actor: USER }, git);
  acceptIntegration({ ...box, actor: USER }, project.git('rev-parse', 'signalbox/integration'));
  await pauseAI(box.executor, USER, 'sh', { reason: 'billing', until: null });
  await resumeAI(box.executor, USER, 'sh');
  await shellAI(box, 'unused', 'gone');
  await removeAI(box.executor, USER, 'gone');
}

async function byPersons(box: Signalbox): Promise<void> {
  const ask = async () => {
    const { id } = await add(box, { type: 'command', run: { shell: 'git fetch nowhere' } });
    await execute(box, id);
    return (await box.store.records.approvals.list({ task: id }))[0]?.id ?? '';
  };
  const answer = { effect: 'approve', scope: 'once', reason: null, holdsMs: 60_000 } as const;
  await answerApproval({ store: box.store, door: box.door, actor: USER }, { ...answer, id: await ask() });
  const send = { actor: USER, action: { name: 'notify.send' }, subject: 'project' };
  const fails = () => settled(box.door.permit(send, () => Promise.reject(new Error('nobody is there'))));
  await fails(); // asks
  const [question] = await box.store.records.approvals.list({ waiting: true });
  await answerApproval({ store: box.store, door: box.door, actor: USER }, { ...answer, id: question?.id ?? '' });
  await fails(); // is used, and given back
  const waiting = await box.store.records.approvals.get(await ask());
  // As if its time had passed.
  box.store.db
    .prepare("UPDATE approval SET record = json_set(record, '$.expiresAt', ?) WHERE id = ?")
    .run('2020-01-01T00:00:00.000Z', waiting.id);
  await expireApprovals(box.store);
  const only = { ai: null, task: null, label: null };
  const rule = { rule: 'project/loose', effect: 'allow', reason: 'mirror', expiresAt: null, ...only } as const;
  const { id } = await addOverride(box, rule);
  await revokeOverride(box, id);
}

describe('every entry that the system writes', () => {
  it('is of a kind that has a schema, and fits it', () =>
    withProject({}, async (project) => {
      const loose = '  - { id: loose, effect: ask, on: [notify.send], overridable_by: [project] }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${loose}`));
      project.trust();
      const box = await project.open();
      await byHand(box);
      await byAgents(project, box);
      await byPersons(box);
      expect(() => box.door.refuseAgents(AI, 'do this')).toThrow();
      await rotateKey(box);
      await signLog(box);
      await exportForPerson(box);
      await backUpProject(box);
      await sealLog(box, { keep: 20 });
      expect(problemsOf(box)).toEqual([]);
      expect(await box.ledger.verify()).toMatchObject({ ok: true, integrity: true });
      const written = new Set(box.ledger.read().map(({ kind }) => kind));
      // Those of crashes and restores have tests of their own.
      const elsewhere = ['backup.restored', 'log.recovered', 'task.expired', 'task.unblocked'];
      const never = entryKinds().filter((kind) => !written.has(kind) && !elsewhere.includes(kind));
      expect(never).toEqual([]);
    }));

  it('is so when a lease expires, too', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      const [first, second] = [await add(box), await add(box)];
      const waiting = await add(box, { needs: [first.id], onNeedFailure: 'fail', maxAttempts: 1 });
      const ref = await hold(box, first, 5_000);
      await startByHand(envOf(box), ref, box.store.ids('att'));
      await cancelTask(envOf(box), first.id);
      await clock.advance(6_000);
      await hold(box, second);
      expect(await box.tasks.get(waiting.id)).toMatchObject({ status: 'failed' });
      expect(problemsOf(box)).toEqual([]);
      expect(box.ledger.read().map(({ kind }) => kind)).toContain('task.expired');
      expect(await box.ledger.verify()).toMatchObject({ ok: true, integrity: true });
    }));

  it('is so when what policy obliges to is not there', () =>
    withProject({}, async (project) => {
      const rule =
        '  - { id: proof, effect: allow, on: [task.land, task.complete], obligations: [{ evidence: test-report }] }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      project.trust();
      const box = await project.open();
      await shellAI(box, 'echo x > src/made.txt');
      const ref = await hold(box, await add(box, { checks: ['true'] }));
      await startByHand(envOf(box), ref, box.store.ids('att'));
      project.write('b.txt', 'x\n');
      const how = { folder: project.root, noVerify: false, signal: new AbortController().signal };
      await settled(completeByHand(box.executor, { actor: USER, ref, ...how }));
      expect(box.ledger.read().map(({ kind }) => kind)).toContain('policy.outcome');
      expect(problemsOf(box)).toEqual([]);
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
    }));

  it('is of a kind that the registry knows, wherever in the code one is written', () => {
    const packages = fileURLToPath(new URL('../..', import.meta.url));
    const found = new Set<string>();
    for (const folder of ['runtime', 'router', 'audit']) {
      const files = readdirSync(join(packages, folder, 'src'), { recursive: true }).map(String);
      for (const file of files.filter((name) => name.endsWith('.ts'))) {
        const text = readFileSync(join(packages, folder, 'src', file), 'utf8');
        const written = text.matchAll(
          /(?:kind: |entry\(|(?:done|failed|blocked|cancelled): |\? |: )'([a-z]+\.[a-z_]+)'/g,
        );
        for (const [, kind = ''] of written) found.add(kind);
      }
    }
    const groups = new Set(entryKinds().map((kind) => kind.split('.')[0]));
    const known = new Set(entryKinds());
    const actions = new Set([
      ...ACTIONS,
      'ai.update',
      'task.lock',
      'task.revert',
      'backup.create',
      'backup.restore',
      'policy.yaml',
      'workspace.discard',
    ]);
    const kinds = [...found].filter((kind) => groups.has(kind.split('.')[0]) && !actions.has(kind));
    const unknown = kinds.filter((kind) => !known.has(kind));
    expect(unknown).toEqual([]);
    expect(kinds.length).toBeGreaterThan(20);
  });
});
