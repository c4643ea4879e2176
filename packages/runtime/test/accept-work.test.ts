import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  acceptWork,
  claimThroughDoor,
  completeByHand,
  requeueByHand,
  type Signalbox,
  startByHand,
  updateTask,
} from '../src/index.js';
import { ANA, addRules, answer, kindsOf } from './support/approvals.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

const accept = (box: Signalbox, task: string, actor: Signalbox['actor'] = ANA) =>
  acceptWork(box.executor, { actor, task });
const runs = (project: Project) => readFileSync(join(project.place, 'runs'), 'utf8').split('\n').length - 1;
const landed = (project: Project) =>
  project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n').includes('src/b.txt');

/** A task without a check, whose work waits for a person. */
async function unseen(project: Project, more: Parameters<typeof add>[1] = {}) {
  const box = await project.open();
  await shellAI(box, `echo run >> ${project.place}/runs; cp ${project.place}/runs src/b.txt`);
  const { id } = await add(box, more);
  const { task } = await execute(box, id);
  return { box, id, task };
}

describe('work that nobody but a person can judge', () => {
  it('lands as it was collected once a person accepts it, which the ledger says', () =>
    withProject({}, async (project) => {
      const { box, id, task } = await unseen(project);
      const reason = expect.stringContaining(`signalbox task accept ${id}`);
      expect(task.blockedBy).toEqual([{ kind: 'human', reason }]);
      expect(landed(project)).toBe(false);
      const { task: after, verdict } = await accept(box, id);
      expect(after.status).toBe('done');
      expect(verdict.pass).toBe(true);
      expect([landed(project), runs(project)]).toEqual([true, 1]);
      expect(kindsOf(box, 'task.accepted')).toEqual(['task.accepted']);
      expect((await box.ledger.verify()).ok).toBe(true);
    }));

  it('is accepted in the same way where it touches what its checks depend on', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, `echo '{}' > package.json; echo b > src/b.txt`);
      const { id } = await add(box, { checks: ['true'] });
      await execute(box, id);
      expect((await accept(box, id)).task.status).toBe('done');
      expect(landed(project)).toBe(true);
    }));

  it('is done anew by a requeue, which accepts nothing', () =>
    withProject({}, async (project) => {
      const { box, id } = await unseen(project);
      await box.tasks.requeue(id, () => []);
      expect((await execute(box, id)).task.status).toBe('blocked');
      expect([landed(project), runs(project)]).toEqual([false, 2]);
    }));

  it('has nothing to land where it was done in place: the block says how a person takes it and completes it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo b > src/b.txt');
      const { id } = await add(box);
      const { task } = await execute(box, id, { workspace: 'in-place' });
      const reason = expect.stringMatching(
        /`signalbox task requeue tsk_\w+`, then claim, start and complete it by hand/,
      );
      expect(task.blockedBy).toEqual([{ kind: 'human', reason }]);
      await expect(accept(box, id)).rejects.toMatchObject({ code: 'WRONG_STATE' });
      await requeueByHand({ ...box, actor: ANA }, id);
      const intent = { actor: ANA, action: 'task.claim', holder: 'ana', ttlMs: 120_000, task: id } as const;
      const { lease } = await claimThroughDoor(box.tasks, box.door, intent);
      const ref = { task: id, lease: lease.id };
      await startByHand({ ...box, actor: ANA }, ref, box.store.ids('att'));
      const { signal } = new AbortController();
      const request = { actor: ANA, ref, folder: project.root, noVerify: true, signal };
      expect(await completeByHand(box.executor, request)).toMatchObject({
        status: 'settled',
        task: { status: 'done' },
      });
    }));

  it('is accepted by no AI, and only where such work waits', () =>
    withProject({}, async (project) => {
      const { box, id } = await unseen(project);
      await expect(accept(box, id, { kind: 'ai', id: 'sh' })).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
      const fresh = await add(box);
      await expect(accept(box, fresh.id)).rejects.toMatchObject({ code: 'WRONG_STATE' });
      await updateTask({ tasks: box.tasks, door: box.door, actor: ANA }, id, { description: 'Another thing' });
      await expect(accept(box, id)).rejects.toMatchObject({ code: 'STALE' });
      expect(landed(project)).toBe(false);
    }));

  it('waits on where the AI that did it can take nothing now', () =>
    withProject({}, async (project) => {
      const { box, id } = await unseen(project);
      await box.store.ais.pause('sh', { reason: 'rest', until: null }, () => []);
      await expect(accept(box, id)).rejects.toMatchObject({ code: 'NO_CANDIDATE' });
      expect((await box.tasks.get(id))?.status).toBe('blocked');
      expect(kindsOf(box, 'task.accepted')).toEqual([]);
    }));

  it('passes the door: policy may deny it, and still has its say about the landing', () =>
    withProject({}, async (project) => {
      const { box, id } = await unseen(project);
      addRules(project, '  - { id: x, effect: ask, on: [task.land] }\n');
      expect((await accept(box, id)).task.blockedBy).toMatchObject([{ kind: 'approval' }]);
      await answer(box);
      expect((await execute(box, id)).task.status).toBe('done');
      expect(runs(project)).toBe(1);
      const other = await add(box);
      await execute(box, other);
      addRules(project, '  - { id: y, effect: deny, on: [task.accept] }\n');
      await expect(accept(box, other.id)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    }));
});
