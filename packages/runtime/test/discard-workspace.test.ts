import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { claimThroughDoor, discardWorkspace, findWorkspaces, listWorkspaces, type Signalbox } from '../src/index.js';
import type { Task } from '../src/project/index.js';
import { add, execute, exists, kinds, type Project, shellAI, USER, withProject, worktreeOf } from './support/bench.js';

const list = (project: Project, box: Signalbox) => listWorkspaces(box.store, project.environment);
const discard = (box: Signalbox, name: string, force = false) =>
  discardWorkspace({ ...box, actor: USER }, { name }, { force });

/** A task that failed once and can go on; in its worktree is work, in part on its branch. */
async function leftTask(box: Signalbox, title = 'Leave it'): Promise<Task> {
  const task = await add(box, { title, checks: ['true'], maxAttempts: 3, ai: 'bad' });
  await execute(box, task);
  writeFileSync(join(worktreeOf(box, task), 'late.txt'), 'late\n');
  return task;
}

async function hold(box: Signalbox, task: Task): Promise<void> {
  const intent = { actor: USER, action: 'task.claim' as const, holder: 'ana', ttlMs: 120_000, task: task.id };
  await claimThroughDoor(box.tasks, box.door, intent);
}

async function withLeft(test: (project: Project, box: Signalbox, task: Task) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    const box = await project.open();
    await shellAI(box, 'echo part > part.txt; exit 3', 'bad');
    await test(project, box, await leftTask(box));
  });
}

describe('the list of workspaces', () => {
  it('says of each whose it is, in which state, how much lies in it, where and since when', () =>
    withLeft(async (project, box, task) => {
      const aside = await leftTask(box, 'Another');
      renameSync(worktreeOf(box, aside), `${worktreeOf(box, aside)}.kept-2`);
      mkdirSync(join(box.store.paths.worktrees, 'strange'));
      const [first] = await box.tasks.attempts(task.id);
      const [other] = await box.tasks.attempts(aside.id);
      const listed = await list(project, box);
      expect(listed.find(({ name }) => name === task.id)).toMatchObject({
        ...{ path: worktreeOf(box, task), state: 'kept', attempt: { id: first?.id, number: 1 } },
        ...{ task: { id: task.id, title: 'Leave it' }, since: first?.finishedAt },
        changes: { files: 2, insertions: 2, deletions: 0 },
      });
      expect(listed.find(({ name }) => name === `${aside.id}.kept-2`)).toMatchObject({
        ...{ state: 'quarantined', attempt: { id: other?.id }, changes: { files: 2 } },
      });
      expect(listed.find(({ name }) => name === 'strange')).toMatchObject({ state: 'unknown', task: null });
      expect(listed).toHaveLength(3);
    }));

  it('does not look into one that an attempt works in, and leaves no object in the repository', () =>
    withLeft(async (project, box, task) => {
      const objects = project.git('count-objects');
      await list(project, box);
      expect(project.git('count-objects')).toBe(objects);
      await hold(box, task);
      expect(await list(project, box)).toMatchObject([{ name: task.id, state: 'in_use', changes: null }]);
    }));
});

describe('a workspace that is discarded', () => {
  it('leaves a patch of all that lay in it, and an entry that names it', () =>
    withLeft(async (project, box, task) => {
      const [attempt] = await box.tasks.attempts(task.id);
      const done = await discard(box, task.id);
      expect(done).toMatchObject({ name: task.id, task: task.id, attempt: attempt?.id, whole: true });
      expect(exists(worktreeOf(box, task))).toBe(false);
      expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
      expect(project.git('show', `signalbox/${task.id}/1:part.txt`)).toBe('part');
      const evidence = await box.store.evidence.list({ task: task.id, attempt: attempt?.id ?? '' });
      expect(evidence.at(-1)).toMatchObject({ kind: 'diff', digest: done.patches[0] });
      const bytes = await box.executor.blobs.get(evidence.at(-1)?.digest ?? 'sha256:');
      const patch = join(project.place, 'left.patch');
      writeFileSync(patch, bytes);
      project.git('apply', patch);
      expect([project.read('part.txt'), project.read('late.txt')]).toEqual(['part\n', 'late\n']);
      const last = box.ledger.read({ kind: 'workspace.discarded' }).at(-1);
      expect(last).toMatchObject({
        actor: 'user:ana',
        subject: `task/${task.id}`,
        data: { state: 'kept', whole: true },
      });
      expect(kinds(box).slice(-3)).toEqual(['evidence.collected', 'policy.decided', 'workspace.discarded']);
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      await expect(findWorkspaces(box.executor, task.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('is meant by its name, its attempt or its task', () =>
    withLeft(async (_, box, task) => {
      const [attempt] = await box.tasks.attempts(task.id);
      mkdirSync(`${worktreeOf(box, task)}.kept-2`);
      const names = async (target: string) => (await findWorkspaces(box.executor, target)).map(({ name }) => name);
      expect(await names(task.id)).toEqual([task.id, `${task.id}.kept-2`]);
      expect(await names(`${task.id}.kept-2`)).toEqual([`${task.id}.kept-2`]);
      expect(await names(attempt?.id ?? '')).toEqual([task.id, `${task.id}.kept-2`]);
      await expect(names('att_nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('is not in use', () =>
    withLeft(async (_, box, task) => {
      await hold(box, task);
      await expect(discard(box, task.id)).rejects.toMatchObject({
        code: 'WORKSPACE_IN_USE',
        message: expect.stringMatching(/^ana holds tsk_\w+ until \S+Z, and may be at work in its workspace\.$/),
      });
      expect(exists(join(worktreeOf(box, task), 'late.txt'))).toBe(true);
    }));

  it('can be kept as a patch, unless a person says that it need not be', () =>
    withLeft(async (project, box, task) => {
      const key = ['-----BEGIN PRIVATE KEY-----', 'x'.repeat(64), '-----END PRIVATE KEY-----', ''].join('\n');
      writeFileSync(join(worktreeOf(box, task), 'key.pem'), key);
      await expect(discard(box, task.id)).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
      expect(exists(join(worktreeOf(box, task), 'key.pem'))).toBe(true);
      expect(box.ledger.read({ kind: 'workspace.discarded' })).toEqual([]);
      expect(await discard(box, task.id, true)).toMatchObject({ whole: false });
      expect(exists(worktreeOf(box, task))).toBe(false);
      expect(await list(project, box)).toEqual([]);
    }));

  it('is discarded by a person, whom policy lets', () =>
    withLeft(async (project, box, task) => {
      const ai = { ...box, actor: { kind: 'ai', id: 'bad' } as const };
      await expect(discardWorkspace(ai, { name: task.id }, { force: true })).rejects.toMatchObject({
        code: 'AGENT_REFUSED',
      });
      const rule = '  - { id: keep-all, effect: deny, on: [workspace.discard] }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      project.trust();
      await expect(discard(await project.open(), task.id)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
      expect(exists(worktreeOf(box, task))).toBe(true);
    }));
});
