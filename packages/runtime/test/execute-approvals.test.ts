import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { registerAI } from '../src/index.js';
import { add, execute, exists, scriptedClaude, shellAI, USER, withProject, worktreeOf } from './support/bench.js';

const write = (path: string, content = 'hello\n') => ({ name: 'Write', input: { file_path: path, content } });
const bash = (command: string) => ({ name: 'Bash', input: { command } });

describe('an agent that asks before each tool call', () => {
  it('may do what policy allows, and each answer is in the ledger before the call happens', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ text: 'I write.', tools: [write('src/b.txt')] }, { text: 'done' }]);
      const task = await add(box, { locks: [{ glob: 'src/**' }], checks: ['grep -rq hello src'] });
      const before: number[] = [];
      const {
        task: after,
        attempt,
        evidence,
        steps,
      } = await execute(box, task, {
        on: ({ step }) => step === 'tool' && void before.push(box.store.ledger.head().size),
      });
      expect(after.status).toBe('done');
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('hello');
      expect(attempt.usage).toMatchObject({ turns: 2, costUsd: 0.02 });
      expect(evidence.map((item) => item.kind)).toEqual(['usage', 'log', 'diff', 'command']);
      expect(steps.filter((step) => step.step === 'tool').map((step) => step.text)).toEqual(['Write src/b.txt']);
      const decided = box.ledger
        .read({ subject: `task/${task.id}`, kind: 'policy.decided' })
        .map(({ actor, data }) => [actor, (data as { request: { action: { name: string } } }).request.action.name]);
      expect(decided).toContainEqual(['ai:claude', 'file.write']);
      expect(box.store.ledger.head().size).toBeGreaterThan(before[0] ?? Number.NaN);
      const attempts = await box.tasks.attempts(task.id);
      expect(attempts[0]?.data['session']).toEqual(expect.any(String));
    }));

  it('is told no for what policy denies, which is recorded, and goes on', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const tools = [write('.env'), write('docs/x.md'), bash('git push --force'), write('src/b.txt')];
      await scriptedClaude(project, box, [{ tools }, { text: 'done' }]);
      const task = await add(box, { locks: [{ glob: 'src/**' }], checks: ['grep -rq hello src'] });
      const { task: after, steps } = await execute(box, task);
      expect(after.status).toBe('done');
      expect(steps.filter((step) => step.step === 'refused').map((step) => step.text.split(':')[0])).toEqual([
        expect.stringMatching(/^may not write .*\.env$/),
        expect.stringMatching(/^may not write .*docs\/x\.md$/),
        'may not run `git push --force`',
      ]);
      const denied = box.ledger
        .read({ subject: `task/${task.id}`, kind: 'policy.decided' })
        .filter(({ data }) => (data as { decision: string }).decision === 'deny');
      expect(denied).toHaveLength(3);
      expect(project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n')).toEqual([
        'README.md',
        'src/a.txt',
        'src/b.txt',
      ]);
    }));

  it('ends where a person must approve, with no attempt spent and the work so far kept', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const tools = [write('src/b.txt'), bash('curl https://example.com'), write('src/never.txt')];
      await scriptedClaude(project, box, [{ tools }]);
      const { task, attempt, verdict } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'blocked', attempt: 0, failure: { class: 'policy_denied' } });
      expect(task.blockedBy).toEqual([
        {
          kind: 'approval',
          decision: expect.stringMatching(/^pdr_/),
          what: 'run `curl https://example.com`',
          approval: expect.stringMatching(/^apr_/),
        },
      ]);
      expect(attempt.outcome).toBe('blocked');
      expect(verdict).toMatchObject({ pass: false, needsPerson: true, reasons: [{ code: 'NOT_FINISHED' }] });
      expect(project.git('show', `signalbox/${task.id}/1:src/b.txt`)).toBe('hello');
      expect(exists(join(worktreeOf(box, task), 'src/never.txt'))).toBe(false);
      const [decision] = task.blockedBy.map((block) => (block.kind === 'approval' ? block.decision : ''));
      const entry = box.ledger
        .read({ subject: `task/${task.id}`, kind: 'policy.decided' })
        .find(({ data }) => (data as { id: string }).id === decision);
      expect(entry?.data).toMatchObject({ decision: 'ask' });
    }));

  it('is judged also for reads, fetches and tools of others', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const file = join(project.place, 'secret.pem');
      await scriptedClaude(project, box, [{ tools: [{ name: 'Read', input: { file_path: file } }] }]);
      const read = await execute(box, await add(box, { type: 'review' }));
      expect(read.steps.find((step) => step.step === 'refused')?.text).toContain(`may not read ${file}`);
      await scriptedClaude(
        project,
        box,
        [{ tools: [{ name: 'WebFetch', input: { url: 'https://example.com/x', prompt: 'x' } }] }],
        'fetcher',
      );
      const fetched = await execute(box, await add(box, { type: 'review', ai: 'fetcher' }));
      expect(fetched.task.blockedBy).toMatchObject([{ kind: 'approval', what: 'fetch https://example.com/x' }]);
      await scriptedClaude(project, box, [{ tools: [{ name: 'mcp__db__query', input: {} }] }], 'caller');
      const called = await execute(box, await add(box, { type: 'review', ai: 'caller' }));
      expect(called.task.blockedBy).toMatchObject([{ kind: 'approval', what: 'call db/query' }]);
    }));

  it('is held to the policy file of its own', () =>
    withProject({}, async (project) => {
      project.write(
        '.ai/policy/claude.yaml',
        `version: 1
scope: ai
rules:
  - { id: no-writes, effect: deny, on: [file.write], when: 'resource.path.glob("src/**")', reason: Look only }
`,
      );
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [write('src/b.txt')] }]);
      const { task, steps } = await execute(box, await add(box, { checks: ['true'] }));
      expect(steps.find((step) => step.step === 'refused')?.text).toContain('Look only');
      expect(task.failure?.message).toContain('Nothing was changed.');
    }));

  it('gets a no that ends the attempt when nobody can decide', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [write('src/b.txt')] }]);
      const task = await add(box);
      const env = {
        ...box.executor,
        doorEnv: {
          ...box.executor.doorEnv,
          ids: () => {
            throw new Error('out of ids');
          },
        },
      };
      const { task: after, steps } = await execute({ ...box, executor: env }, task);
      expect(steps.find((step) => step.step === 'refused')?.text).toContain('The decision failed: out of ids');
      expect(after).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
    }));
});

describe('what an agent gets of our environment', () => {
  it('is what the allow-list, its connector and its own configuration name', () =>
    withProject({}, async (project) => {
      project.environment['WANTED'] = 'yes';
      project.environment['PRIVATE'] = 'no';
      const box = await project.open();
      const config = { shell: `env > ${project.place}/env.txt`, env: ['WANTED'] };
      await registerAI(box.executor, USER, { id: 'sh', connector: 'command', config });
      await execute(box, await add(box, { type: 'review' }));
      const names = readFileSync(join(project.place, 'env.txt'), 'utf8')
        .split('\n')
        .map((line) => line.split('=')[0]);
      expect(names).toEqual(
        expect.arrayContaining(['WANTED', 'SIGNALBOX_ATTEMPT', 'SIGNALBOX_AI', 'SIGNALBOX_TASK', 'PATH']),
      );
      expect(names).not.toContain('PRIVATE');
      expect(names).not.toContain('SIGNALBOX_HOME');
    }));
});

describe('an agent without a way to ask', () => {
  it('gets no task where policy must be enforced at the moment of acting', () =>
    withProject({}, async (project) => {
      project.write(
        '.ai/policy.yaml',
        `version: 1
scope: project
default: ask
rules:
  - { id: strict, effect: deny, on: [file.write], when: 'resource.path.glob("x/**")', reason: R, enforce: required }
`,
      );
      const box = await project.open();
      await shellAI(box, 'true');
      await expect(execute(box, await add(box))).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringContaining('it cannot ask for approval, and policy requires that of project/strict'),
      });
    }));
});
