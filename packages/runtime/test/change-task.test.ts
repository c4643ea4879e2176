import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Obstacle } from '@signalbox/task-core';
import { createFakeClock } from '@signalbox/testkit';
import {
  addLockByHand,
  cancelTask,
  claimThroughDoor,
  describeWait,
  explainWait,
  importTasks,
  mustGet,
  retryTask,
  type Signalbox,
  startByHand,
  updateTask,
  type WaitReason,
} from '../src/index.js';
import { add, execute, shellAI, USER, withProject } from './support/bench.js';

const AI = { kind: 'ai', id: 'sh' } as const;
const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';

const envOf = (box: Signalbox, actor: typeof USER | typeof AI = USER) => ({ tasks: box.tasks, door: box.door, actor });

const kindsOf = (box: Signalbox, task: string) => box.ledger.read({ subject: `task/${task}` }).map(({ kind }) => kind);

describe('changing a task', () => {
  it('is decided, redacted and recorded with the change', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const [task, need] = [await add(box, { labels: { a: '1', b: '2' } }), await add(box, {})];
      const change = { description: `use ${SECRET}`, labels: { a: null, c: '3' }, addNeeds: [need.id.slice(0, 20)] };
      const after = await updateTask(envOf(box), task.id, change);
      expect(after).toMatchObject({ status: 'blocked', needs: [need.id], labels: { b: '2', c: '3' } });
      expect(after.description).not.toContain(SECRET);
      expect(kindsOf(box, task.id).slice(-2)).toEqual(['policy.decided', 'task.updated']);
      expect(JSON.stringify(box.ledger.read())).not.toContain(SECRET);
      expect(await updateTask(envOf(box), task.id, { removeNeeds: [need.id] })).toMatchObject({ status: 'queued' });
    }));

  it('makes a list grow from what it is by then, when several change it at the same time', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { id } = await add(box, {});
      const grow = (check: string) => updateTask(envOf(box), id, ({ checks }) => ({ checks: [...checks, check] }));
      await Promise.all(['a', 'b', 'c'].map(grow));
      expect([...(await mustGet(box, id)).checks].sort()).toEqual(['a', 'b', 'c']);
    }));

  it('refuses what is no field, a need that does not exist, and a cycle', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const first = await add(box, {});
      const second = await add(box, { needs: [first.id] });
      const refused = async (change: object, code: string) =>
        expect(updateTask(envOf(box), first.id, change)).rejects.toMatchObject({ code });
      await refused({ colour: 'red' }, 'INVALID_TASK');
      await refused({ locks: [{ glob: '../x' }] }, 'INVALID_TASK');
      await refused({ addNeeds: ['tsk_nothere'] }, 'UNKNOWN_NEED');
      await refused({ addNeeds: [second.id] }, 'DEPENDENCY_CYCLE');
      expect(await mustGet(box, first.id)).toEqual(first);
    }));

  it('is not for an AI, and neither is cancelling, retrying or importing', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box, {});
      const env = envOf(box, AI);
      for (const act of [
        () => updateTask(env, task.id, { checks: [] }),
        () => cancelTask(env, task.id),
        () => retryTask(env, task.id),
        () => importTasks({ ...env, ids: box.store.ids }, '[]', 'json'),
      ]) {
        await expect(act()).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
      }
    }));
});

describe('cancelling a task', () => {
  it('ends one that waits, and records why', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box, {});
      const dependent = await add(box, { needs: [task.id], onNeedFailure: 'fail' });
      const outcome = await cancelTask(envOf(box), task.id, { reason: `no ${SECRET}` });
      expect(outcome).toMatchObject({ status: 'cancelled', failed: [{ id: dependent.id }] });
      const [entry] = box.ledger.read({ kind: 'task.cancelled' });
      expect(entry?.data['reason']).toMatch(/^no \[redacted/i);
      expect(kindsOf(box, dependent.id).at(-1)).toBe('task.failed');
    }));

  it('tells an agent at work to stop, and lands nothing of it', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      const begun = join(project.place, 'begun');
      await shellAI(box, `echo x > src/new.txt; touch ${begun}; sleep 600`);
      const task = await add(box, { checks: ['true'] });
      const running = execute(box, task);
      while (!existsSync(begun)) await new Promise((resolve) => setImmediate(resolve));
      expect(await cancelTask(envOf(box), task.id)).toMatchObject({ status: 'requested', task: { status: 'running' } });
      await clock.advance(10_000);
      const { task: after, attempt } = await running;
      expect(after).toMatchObject({ status: 'cancelled', cancelRequestedAt: null, lease: null });
      expect(attempt).toMatchObject({ failure: { class: 'cancelled' } });
      expect(kindsOf(box, task.id)).toContain('task.cancel_requested');
      expect(project.git('ls-tree', '--name-only', 'signalbox/integration:src')).not.toContain('new.txt');
    }));
});

describe('retrying a task', () => {
  it('starts a failed one afresh', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 1');
      const task = await add(box, { maxAttempts: 1, checks: ['true'] });
      expect((await execute(box, task)).task.status).toBe('failed');
      expect(await retryTask(envOf(box), task.id)).toMatchObject({ status: 'queued', attempt: 0 });
      await expect(retryTask(envOf(box), task.id)).rejects.toMatchObject({ code: 'WRONG_STATE' });
    }));
});

describe('one more path lock', () => {
  it('is granted to the holder if it is free, and refused with who is in the way', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const hold = async (glob: string) => {
        const task = await add(box, { locks: [{ glob }] });
        const intent = { actor: USER, action: 'task.claim' as const, holder: 'ana', ttlMs: 120_000, task: task.id };
        const { lease } = await claimThroughDoor(box.tasks, box.door, intent);
        const ref = { task: task.id, lease: lease.id };
        await startByHand(envOf(box), ref, box.store.ids('att'));
        return ref;
      };
      const [one, other] = [await hold('src/a/**'), await hold('src/b/**')];
      const free = await addLockByHand(envOf(box), one, { glob: 'docs/*', mode: 'exclusive' });
      expect(free.locks.map(({ glob }) => glob)).toEqual(['src/a/**', 'docs/*']);
      await expect(addLockByHand(envOf(box), one, { glob: 'src/b/x', mode: 'exclusive' })).rejects.toMatchObject({
        code: 'LOCKED',
        details: { conflicts: [{ task: other.task, glob: 'src/b/**', wanted: 'src/b/x' }] },
      });
      const stale = { ...one, lease: 'lse_0' };
      const wanted = { glob: 'x', mode: 'shared' } as const;
      await expect(addLockByHand(envOf(box), stale, wanted)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    }));
});

describe('importing tasks', () => {
  const plan = JSON.stringify([
    { id: 'a', title: `Use ${SECRET}` },
    { id: 'b', title: 'Then', needs: ['a'] },
  ]);

  it('judges, redacts and records each, all in one', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { imported } = await importTasks({ ...envOf(box), ids: box.store.ids }, plan, 'json');
      expect(imported.map(({ status }) => status)).toEqual(['queued', 'blocked']);
      expect(JSON.stringify(imported)).not.toContain(SECRET);
      expect(kindsOf(box, imported[1]?.id ?? '')).toEqual(['task.created']);
      expect(box.ledger.read({ kind: 'task.created' })).toHaveLength(2);
    }));

  it('passes over what is there already, and refuses another task with its id', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const env = { ...envOf(box), ids: box.store.ids };
      const task = await add(box, { title: 'Mine' });
      const again = (title: string) => JSON.stringify([{ id: task.id, title, description: task.description }]);
      expect(await importTasks(env, again('Mine'), 'json')).toEqual({ imported: [], known: 1 });
      await expect(importTasks(env, again('Yours'), 'json')).rejects.toMatchObject({ code: 'ID_TAKEN' });
      const other = JSON.stringify([{ id: task.id, title: 'Mine', description: task.description, checks: ['true'] }]);
      await expect(importTasks(env, other, 'json')).rejects.toMatchObject({ code: 'ID_TAKEN' });
    }));

  it('records nothing of one that its idempotency key says is there', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const env = { ...envOf(box), ids: box.store.ids };
      const keyed = '[{"title": "Once", "idempotencyKey": "k"}]';
      expect(await importTasks(env, keyed, 'json')).toMatchObject({ imported: [{ title: 'Once' }], known: 0 });
      expect(await importTasks(env, keyed, 'json')).toEqual({ imported: [], known: 1 });
      expect(box.ledger.read({ kind: 'task.created' })).toHaveLength(1);
    }));

  it('adds nothing when one of them is refused', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const rules =
        '  - { id: no, effect: deny, on: [task.create], when: \'resource.type == "docs"\', reason: A test }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`));
      project.trust();
      const mixed = JSON.stringify([{ title: 'fine' }, { title: 'not', type: 'docs' }]);
      const env = { ...envOf(box), ids: box.store.ids };
      await expect(importTasks(env, mixed, 'json')).rejects.toMatchObject({ code: 'POLICY_DENIED' });
      expect((await box.tasks.list()).tasks).toEqual([]);
    }));
});

describe('why a task does not run', () => {
  it('says that no AI is there, then that policy is in the way, then nothing', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box, {});
      const why = () => explainWait(box.executor, USER, task.id);
      expect(await why()).toMatchObject({ runnable: false, reasons: [{ kind: 'no_ai' }] });
      await shellAI(box, 'true');
      expect(await why()).toMatchObject({ runnable: true, reasons: [{ kind: 'next', ahead: 0 }] });
      const rules = '  - { id: no, effect: deny, on: [task.execute], reason: Not today }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`));
      project.trust();
      const { reasons } = await why();
      expect(reasons).toMatchObject([{ kind: 'policy', decision: 'deny' }]);
      expect(reasons.flatMap(describeWait).join()).toMatch(/^Policy denies executing it: .*Not today/);
    }));

  it('says every reason in words', () => {
    const because: Obstacle[] = [{ kind: 'held', holder: 'ana', until: '2026-01-01T00:00:00.000Z', status: 'running' }];
    const of = { task: 'tsk_a', title: 'A', because };
    const reasons: WaitReason[] = [
      { kind: 'next', ahead: 2 },
      { kind: 'ended', status: 'done' },
      { kind: 'ended', status: 'failed' },
      { kind: 'delayed', until: 'then' },
      { kind: 'dependency', status: 'running', ...of },
      { kind: 'dependency', status: 'failed', ...of },
      { kind: 'dependency', status: 'cancelled', ...of },
      { kind: 'lock', glob: 'src/**', status: 'running', ...of },
      { kind: 'lock', glob: 'src/**', status: 'queued', task: 'tsk_a', title: 'A', because: [] },
      { kind: 'approval', decision: 'pdr_1', what: 'push' },
      { kind: 'quota', until: 'then' },
      { kind: 'human', reason: 'Look.' },
    ];
    expect(reasons.flatMap(describeWait)).toEqual([
      '2 ready tasks come before it.',
      'It is done.',
      'It has failed.',
      '  Start it afresh with `signalbox task retry`; what failed is in `signalbox evidence show`.',
      'It is not to start before then.',
      'It needs tsk_a (A), which is running.',
      '  ana works on it until 2026-01-01T00:00:00.000Z.',
      'It needs tsk_a (A), which is failed.',
      '  Start that one afresh with `signalbox task retry tsk_a`, or do without it: --remove-need.',
      'It needs tsk_a (A), which is cancelled.',
      '  Do without it: `signalbox task update <id> --remove-need tsk_a`.',
      'tsk_a (A) holds src/**.',
      '  ana works on it until 2026-01-01T00:00:00.000Z.',
      'tsk_a (A) is to have src/** before it.',
      'An approval is needed to push (pdr_1).',
      'A quota is used up until then.',
      'Look.',
    ]);
  });
});
