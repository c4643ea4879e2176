import { describe, expect, it } from '@jest/globals';
import { createGit } from '../src/git/git.js';
import {
  actorName,
  claimThroughDoor,
  completeByHand,
  currentActor,
  executeTask,
  explainDecision,
  labelAI,
  landForUser,
  planExecution,
  registerAI,
  requeueByHand,
} from '../src/index.js';
import { add, execute, kinds, type Project, shellAI, USER, withProject } from './support/bench.js';

const AI = { kind: 'ai', id: 'sh' } as const;

/** Puts rules in front of those that `init` wrote. */
function addRules(project: Project, rules: string): void {
  project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`));
  project.trust();
}

describe('the door', () => {
  it('commits an allowed change together with its decision', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box);
      const [decision, created] = box.ledger.read({}).slice(-2);
      expect(decision).toMatchObject({ kind: 'policy.decided', actor: 'user:ana', data: { decision: 'allow' } });
      expect(created).toMatchObject({ kind: 'task.created', subject: `task/${task.id}` });
      await expect(add(box, { needs: ['tsk_none'] })).rejects.toMatchObject({ code: 'UNKNOWN_NEED' });
      expect(kinds(box)).toEqual(['log.created', 'policy.loaded', 'policy.loaded', 'policy.decided', 'task.created']);
    }));

  it('leaves of a denied one the decision alone', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: none, effect: deny, on: [task.create], reason: Not today }\n');
      const box = await project.open();
      await expect(add(box)).rejects.toMatchObject({
        code: 'POLICY_DENIED',
        message: expect.stringContaining('Not today'),
        details: { decision: expect.stringMatching(/^pdr_/), determining: ['project/none'] },
      });
      expect(kinds(box)).toEqual(['log.created', 'policy.loaded', 'policy.loaded', 'policy.decided']);
      expect((await box.tasks.list()).tasks).toEqual([]);
    }));

  it('asks for an approval where policy asks', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: ask, effect: ask, on: [task.land], reason: Look first }\n');
      const box = await project.open();
      const git = createGit(project.root, project.environment);
      await expect(landForUser({ door: box.door, actor: USER, store: box.store }, git)).rejects.toMatchObject({
        code: 'APPROVAL_REQUIRED',
      });
      // The same for the landing that the executor does.
      await shellAI(box, 'echo x > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'approval' }] });
    }));

  it('keeps from landing what policy denies to land', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: no, effect: deny, on: [task.land], reason: Frozen }\n');
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.blockedBy).toEqual([{ kind: 'landing', reason: expect.stringContaining('Frozen') }]);
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
    }));

  it('denies everything while a policy file is broken, and says where', () =>
    withProject({}, async (project) => {
      project.write('.ai/policy.yaml', 'version: 1\nscope: project\nrules: [ { id: x, effect: perhaps } ]\n');
      project.trust();
      const box = await project.open();
      const where = { code: 'POLICY_INVALID', message: expect.stringMatching(/\.ai\/policy\.yaml:\d+:\d+/) };
      await expect(add(box)).rejects.toMatchObject(where);
      const [, decision] = box.ledger.read({});
      expect(JSON.stringify(decision?.data)).toContain('policy.yaml');
    }));

  it('ends a search for work with the fault of a broken policy file, not with nothing to do', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      await add(box);
      project.write('.ai/policy.yaml', 'version: 1\nscope: project\nrules: [ { id: x, effect: perhaps } ]\n');
      await expect(executeTask(box.executor, { actor: USER })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    }));

  it('refuses an agent what only a person may do, whatever policy says, and records it', () =>
    withProject({}, async (project) => {
      addRules(
        project,
        '  - { id: all, effect: allow, on: [task.requeue, ai.register, ai.label, task.land], reason: A test }\n',
      );
      const environment = { ...project.environment, SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' };
      const box = await project.open({ environment });
      expect(box.actor).toEqual(AI);
      const { actor, door, executor } = box;
      const task = await add(box);
      const draft = { id: 'x', connector: 'command', config: {} };
      const git = createGit(project.root, environment);
      const ref = { task: task.id, lease: 'l' };
      const signal = new AbortController().signal;
      for (const refused of [
        () => registerAI(executor, actor, draft),
        () => labelAI(executor, actor, 'x', {}),
        () => requeueByHand(box, task.id),
        () => landForUser(box, git),
        () => completeByHand(executor, { actor, ref, folder: project.root, noVerify: true, signal }),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
      }
      expect(() => door.refuseAgents(actor, 'sign the ledger')).toThrow(/may not sign the ledger/);
      expect(box.ledger.read({ kind: 'agent.refused' }).map((entry) => entry.data)).toHaveLength(6);
      expect(() => door.refuseAgents(USER, 'sign the ledger')).not.toThrow();
    }));

  it('knows who acts', () => {
    expect(currentActor(null)).toMatchObject({ kind: 'user', id: expect.any(String) });
    expect(currentActor({ ai: '' })).toEqual({ kind: 'ai', id: 'unknown' });
    expect(actorName(AI)).toBe('ai:sh');
    expect(actorName({ kind: 'system', id: 'x' })).toBe('system');
  });
});

describe('claiming', () => {
  it('takes the first ready task that policy lets through', () =>
    withProject({}, async (project) => {
      addRules(
        project,
        `  - { id: no-docs, effect: deny, on: [task.claim], when: 'resource.type == "docs"', reason: R }\n`,
      );
      const box = await project.open();
      const intent = { actor: USER, action: 'task.claim' as const, holder: 'ana', ttlMs: 120_000 };
      await expect(claimThroughDoor(box.tasks, box.door, intent)).rejects.toMatchObject({ code: 'NOTHING_READY' });
      const docs = await add(box, { type: 'docs', priority: 'urgent' });
      await expect(claimThroughDoor(box.tasks, box.door, intent)).rejects.toMatchObject({
        message: expect.stringContaining('1 refused'),
      });
      const chore = await add(box);
      const claimed = await claimThroughDoor(box.tasks, box.door, intent);
      expect(claimed.task.id).toBe(chore.id);
      expect((await box.tasks.get(docs.id))?.status).toBe('queued');
      await expect(claimThroughDoor(box.tasks, box.door, { ...intent, task: docs.id })).rejects.toMatchObject({
        code: 'POLICY_DENIED',
      });
    }));

  it('says who or what is in the way', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const claim = (task: string) =>
        claimThroughDoor(box.tasks, box.door, {
          actor: USER,
          action: 'task.claim',
          holder: 'ana',
          ttlMs: 120_000,
          task,
        });
      const first = await add(box, { locks: [{ glob: 'src/**' }] });
      const overlapping = await add(box, { locks: [{ glob: 'src/a.ts' }] });
      const waiting = await add(box, { needs: [first.id] });
      const later = await add(box, { notBefore: '2999-01-01T00:00:00Z' });
      await claim(first.id);
      await expect(claim(first.id)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' });
      await expect(claim(overlapping.id)).rejects.toMatchObject({
        code: 'LOCKED',
        details: { conflicts: [{ task: first.id, glob: 'src/**', wanted: 'src/a.ts' }] },
      });
      await expect(claim(waiting.id)).rejects.toMatchObject({
        code: 'BLOCKED',
        message: expect.stringContaining(`it needs ${first.id}`),
      });
      await expect(claim(later.id)).rejects.toMatchObject({ code: 'DELAYED' });
      await expect(claim('tsk_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }));

  it('parks what loses to a lock when no task is named, and wakes it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const intent = { actor: USER, action: 'task.claim' as const, holder: 'ana', ttlMs: 120_000 };
      const first = await add(box, { locks: [{ glob: 'src/**' }], priority: 'urgent' });
      const second = await add(box, { locks: [{ glob: 'src/a.ts' }] });
      await claimThroughDoor(box.tasks, box.door, intent);
      await expect(claimThroughDoor(box.tasks, box.door, intent)).rejects.toMatchObject({ code: 'NOTHING_READY' });
      expect((await box.tasks.get(second.id))?.blockedBy).toEqual([{ kind: 'lock', task: first.id, glob: 'src/**' }]);
      await requeueByHand({ tasks: box.tasks, door: box.door, actor: USER }, first.id);
      expect((await box.tasks.get(second.id))?.status).toBe('queued');
      expect(kinds(box, `task/${second.id}`)).toContain('task.unblocked');
    }));
});

describe('routing', () => {
  it('says of each AI why it cannot take a task', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await expect(execute(box, await add(box))).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringContaining('none is registered'),
      });
      await shellAI(box, 'true', 'sh');
      await registerAI(box.executor, USER, { id: 'bare', connector: 'command', config: {} });
      await registerAI(box.executor, USER, { id: 'gone', connector: 'command', config: { argv: ['no-such-program'] } });
      await registerAI(box.executor, USER, {
        id: 'claude',
        connector: 'claude-code',
        config: { program: '/bin/true' },
      });
      const task = await add(box, { capabilities: ['x'] });
      await expect(execute(box, task)).rejects.toMatchObject({ details: { task: task.id, busy: false } });
      const plan = await planExecution(box.executor, { actor: USER, task: (await add(box)).id });
      const why = Object.fromEntries(plan.ranking.map((ranked) => [ranked.ai, ranked.removed]));
      expect(plan).toMatchObject({ decision: 'allow', ai: 'sh' });
      expect(why).toEqual({
        sh: null,
        bare: expect.stringContaining('no program of its own'),
        gone: expect.stringContaining('no-such-program was not found'),
        claude: expect.stringContaining(' '),
      });
      const line = await planExecution(box.executor, {
        actor: USER,
        task: (await add(box, { run: { shell: 'true' } })).id,
      });
      expect(line.ranking.find((ranked) => ranked.ai === 'bare')?.removed).toBeNull();
      await expect(execute(box, task, { ai: 'nobody' })).rejects.toMatchObject({
        message: expect.stringContaining('nobody'),
      });
    }));

  it('plans without doing anything', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await expect(planExecution(box.executor, { actor: USER })).rejects.toMatchObject({ code: 'NOTHING_READY' });
      await shellAI(box, 'true');
      const task = await add(box);
      const before = kinds(box).length;
      const plan = await planExecution(box.executor, { actor: USER, ai: 'sh' });
      expect(plan).toMatchObject({ task: { id: task.id, status: 'queued' }, decision: 'allow', ai: 'sh' });
      expect(kinds(box)).toHaveLength(before);
    }));
});

describe('registering an AI', () => {
  it('refuses a connector that there is not, and a configuration that does not fit', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const register = (connector: string, config = {}) =>
        registerAI(box.executor, USER, { id: 'x', connector, config });
      await expect(register('nope')).rejects.toMatchObject({ code: 'UNKNOWN_CONNECTOR' });
      await expect(register('command', { argv: 'not a list' })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
      const { problems } = await register('command', { argv: ['no-such-program'] });
      expect(problems).toHaveLength(1);
      await expect(register('command')).rejects.toMatchObject({ code: 'AI_EXISTS' });
      expect(await labelAI(box.executor, USER, 'x', { tier: 'cheap' })).toMatchObject({ labels: { tier: 'cheap' } });
      expect(kinds(box, 'ai/x')).toEqual(expect.arrayContaining(['ai.registered', 'ai.labelled', 'policy.decided']));
    }));
});

describe('explaining a decision', () => {
  it('judges what an agent or a user would get, and records nothing', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box, { locks: [{ glob: 'src/**' }] });
      const before = kinds(box).length;
      const explain = async (action: string, parts = {}, more = {}) =>
        (await explainDecision(box, { action, parts, extra: {}, headless: false, ...more })).decision;
      expect(await explain('shell.run', { command: 'git status' })).toBe('allow');
      expect(await explain('shell.run', { command: 'cat .env' })).toBe('deny');
      expect(await explain('file.write', { path: 'src/a.ts' }, { ai: 'sh', task: task.id })).toBe('allow');
      expect(await explain('net.fetch', { url: 'http://example.com:8080/' })).toBe('ask');
      expect(await explain('net.fetch', { url: 'no url' })).toBe('ask');
      expect(await explain('tool.call', { tool: 'query' }, { extra: { x: 1 } })).toBe('ask');
      expect(await explain('task.create')).toBe('allow');
      expect(kinds(box)).toHaveLength(before);
    }));
});
