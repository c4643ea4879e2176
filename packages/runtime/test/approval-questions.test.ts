import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { addOverride, revokeOverride } from '../src/index.js';
import { ANA, ASK_LANDING, addRules, answer, bash, get, questions } from './support/approvals.js';
import { add, execute, type Project, scriptedClaude, shellAI, withProject } from './support/bench.js';

describe('an approval', () => {
  it('is not used up by an attempt that has to ask for more: every line is asked about first', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'unused');
      const lines = ['git fetch one', 'git fetch two', 'git fetch three'];
      const { id } = await add(box, { run: { shell: lines[0] ?? '' }, checks: lines.slice(1) });
      const first = await execute(box, id);
      expect(first.task.blockedBy).toMatchObject(lines.map((line) => ({ kind: 'approval', what: `run \`${line}\`` })));
      for (const { id: question } of await questions(box)) {
        expect((await get(box, id)).status).toBe('blocked');
        await answer(box, { id: question });
      }
      expect((await get(box, id)).status).toBe('queued');
      expect((await execute(box, id)).attempt.failure?.class).toBe('agent_error');
      expect(await questions(box)).toHaveLength(3);
    }));

  it('is about the arguments of a tool and the whole address, which a person sees', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const call = (sql: string) => ({ name: 'mcp__db__query', input: { sql } });
      const fetch = (url: string) => ({ name: 'WebFetch', input: { url, prompt: 'x' } });
      for (const [once, other] of [
        [call('select 1'), call('drop table users')],
        [fetch('https://example.com/docs'), fetch('https://example.com/other?data=1')],
      ] as const) {
        const ai = `ai-${once.name.toLowerCase().slice(0, 3)}`;
        await scriptedClaude(project, box, [{ tools: [once] }, { text: 'done' }], ai);
        const { id } = await add(box, { type: 'review', ai, maxAttempts: 9 });
        await execute(box, id);
        const [asked] = await questions(box);
        expect(JSON.stringify(asked?.exactly)).toContain(once.name === 'WebFetch' ? '/docs' : 'select 1');
        await answer(box, { scope: 'task' });
        const script = JSON.stringify({ turns: [{ tools: [once] }, { tools: [other] }, { text: 'done' }] });
        writeFileSync(join(project.place, `${ai}.json`), script);
        const { task, steps } = await execute(box, id);
        expect(steps.filter(({ step }) => step === 'refused')).toHaveLength(1);
        expect(task.blockedBy).toMatchObject([{ kind: 'approval' }]);
        expect((await questions(box))[0]?.id).not.toBe(asked?.id);
      }
    }));

  it('is asked for again when the rules want another person than the one who gave it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
      await execute(box, id);
      await answer(box, { scope: 'task' });
      addRules(
        project,
        `  - { id: boss, effect: ask, on: [shell.run], command: { argv: [git, fetch, "..."] }, obligations: [{ approval: 'user:boss' }] }\n`,
      );
      expect((await execute(box, id)).task.blockedBy).toMatchObject([{ kind: 'approval' }]);
      expect((await questions(box))[0]).toMatchObject({ state: 'waiting', approvers: ['user:boss'] });
      await expect(answer(box)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    }));

  it('that comes while the attempt is being settled does not leave the task waiting', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
      let answered: Promise<unknown> | undefined;
      const trace = box.store.records.approvals.request.bind(box.store.records.approvals);
      box.store.records.approvals.request = async (draft, record) => {
        const asked = await trace(draft, record);
        answered = answer(box, { id: asked.approval.id });
        await answered;
        return asked;
      };
      const { task } = await execute(box, id);
      await answered;
      expect(task.status).toBe('queued');
    }));

  it('of a write lets the change pass that was made with it', () =>
    withProject({}, async (project) => {
      addRules(project, `  - { id: ask-docs, effect: ask, on: [file.write], when: 'resource.path.glob("docs/**")' }\n`);
      const box = await project.open();
      const write = { name: 'Write', input: { file_path: 'docs/x.md', content: 'x\n' } };
      await scriptedClaude(project, box, [{ tools: [write] }, { text: 'done' }]);
      const { id } = await add(box, { checks: ['true'] });
      await execute(box, id);
      await answer(box);
      expect((await execute(box, id)).task.status).toBe('done');
    }));
});

describe('what a secret hides', () => {
  it.each([
    ['shell.run', { command: 'echo "https://u:`{cat,.env}`@h"' }, {}],
    ['shell.run', { command: 'cat "password=abc1234/../.env"' }, {}],
    ['file.write', {}, { path: 'password=abc1234/../.ai/policy.yaml' }],
    ['file.read', {}, { path: 'password=abc1234/../.env' }],
  ])('is judged with the rest: %s %j %j', (name, action, resource) =>
    withProject({}, async (project) => {
      const box = await project.open();
      const ask = {
        actor: { kind: 'ai', id: 'sh' } as const,
        action: { name, ...action },
        subject: 'project',
        resource,
      };
      const { decision, request } = box.door.decide(ask);
      expect(decision).not.toBe('allow');
      expect(JSON.stringify(request)).not.toContain('abc1234');
    }),
  );
});

describe('a yes to what a secret is part of', () => {
  it('is to that alone, and the person is told that something is withheld', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const fetch = (secret: string) => bash(`git fetch nowhere -o password=${secret}`);
      await scriptedClaude(project, box, [{ tools: [fetch('abc12345')] }, { text: 'x' }]);
      const { id } = await add(box, { type: 'review', maxAttempts: 9 });
      await execute(box, id);
      const [asked] = await questions(box);
      expect(asked?.what).toContain('a part is withheld');
      await answer(box, { scope: 'task' });
      writeFileSync(
        join(project.place, 'claude.json'),
        JSON.stringify({ turns: [{ tools: [fetch('abc12345&./evil.sh')] }, { text: 'x' }] }),
      );
      expect((await execute(box, id)).task.blockedBy).toMatchObject([{ kind: 'approval' }]);
      expect((await questions(box))[0]?.id).not.toBe(asked?.id);
      await box.tasks.unblock(
        id,
        () => true,
        () => [],
      );
      writeFileSync(
        join(project.place, 'claude.json'),
        JSON.stringify({ turns: [{ tools: [fetch('abc12345')] }, { text: 'x' }] }),
      );
      const again = await project.open();
      expect((await execute(again, id)).task.status).toBe('done');
    }));

  it('is for whom the whole obliges to', () =>
    withProject({}, async (project) => {
      addRules(
        project,
        `  - { id: boss, effect: ask, on: [shell.run], command: { argv: [./deploy.sh, "..."] }, obligations: [{ approval: 'user:boss' }] }\n`,
      );
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [bash('echo x password=abc12345&./deploy.sh')] }, { text: 'x' }]);
      const { id } = await add(box, { type: 'review' });
      await execute(box, id);
      expect(await questions(box)).toMatchObject([{ approvers: ['user:boss'] }]);
      await expect(answer(box)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
    }));
});

describe('several questions of one attempt', () => {
  const runs = (project: Project) => readFileSync(join(project.place, 'runs'), 'utf8').split('\n').length - 1;
  const work = (project: Project) => `echo run >> ${project.place}/runs; echo b > src/b.txt`;

  it('about completion and landing are put together, and the work is done once', () =>
    withProject({}, async (project) => {
      addRules(project, `${ASK_LANDING}  - { id: ask-completion, effect: ask, on: [task.complete] }\n`);
      const box = await project.open();
      await shellAI(box, work(project));
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      expect((await execute(box, id)).task.blockedBy).toMatchObject([{ kind: 'approval' }, { kind: 'approval' }]);
      for (const { id: question } of await questions(box)) await answer(box, { id: question });
      expect((await execute(box, id)).task.status).toBe('done');
      expect(runs(project)).toBe(1);
      expect(await questions(box)).toHaveLength(2);
    }));

  it('about a set-up line are one, however often the line is run', () =>
    withProject({}, async (project) => {
      const config = project.read('.ai/config.yaml').replace('setup: []', 'setup: ["touch ready"]');
      project.write('.ai/config.yaml', config);
      addRules(
        project,
        `  - { id: ask-touch, effect: ask, on: [shell.run], command: { argv: [touch, "..."] }, enforce: best-effort }\n`,
      );
      const box = await project.open();
      await shellAI(box, work(project));
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      await execute(box, id);
      await answer(box);
      expect((await execute(box, id)).task.status).toBe('done');
      expect(await questions(box)).toHaveLength(1);
    }));

  it('end it before anything runs if one was answered with no', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'unused');
      const line = `touch ${join(project.place, 'ran')}; git fetch one`;
      const { id } = await add(box, { run: { shell: line }, checks: ['git fetch two'] });
      await execute(box, id);
      const [check, run] = await questions(box);
      await answer(box, { id: run?.id ?? '' });
      await answer(box, { id: check?.id ?? '', effect: 'reject', reason: 'not two' });
      const { task } = await execute(box, id);
      expect(task.failure?.message).toContain('not two');
      expect((await box.store.records.approvals.get(run?.id ?? '')).state).toBe('approved');
      expect(() => readFileSync(join(project.place, 'ran'))).toThrow();
    }));

  it('are asked again of policy each time: a yes does not outlive the rule', () =>
    withProject({}, async (project) => {
      project.write('go.sh', 'true\n');
      project.git('add', 'go.sh');
      project.git('commit', '-qm', 'go');
      addRules(
        project,
        `  - { id: ask-go, effect: ask, on: [shell.run], command: { argv: [sh, go.sh] }, enforce: best-effort }\n`,
      );
      const box = await project.open();
      await shellAI(box, work(project));
      const { id } = await add(box, { checks: ['sh go.sh'] });
      await execute(box, id);
      await answer(box);
      const { task } = await execute(box, id, {
        on: ({ step }) => {
          if (step === 'agent') {
            addRules(
              project,
              '  - { id: no-go, effect: deny, on: [shell.run], command: { argv: [sh, go.sh] }, enforce: best-effort }\n',
            );
          }
        },
      });
      expect(task.status).toBe('blocked');
    }));
});

describe('policy as an agent meets it', () => {
  it('is as it is at each call: what is taken back meanwhile counts no more', () =>
    withProject({}, async (project) => {
      addRules(
        project,
        '  - { id: ask-docs, effect: ask, on: [file.write], overridable_by: [project], when: \'resource.path.glob("docs/**")\' }\n',
      );
      const box = await project.open();
      const write = (file_path: string) => ({ name: 'Write', input: { file_path, content: 'x\n' } });
      await scriptedClaude(project, box, [
        { tools: [write('docs/a.md')] },
        { tools: [write('docs/b.md')] },
        { text: 'x' },
      ]);
      const only = { ai: null, task: null, label: null, expiresAt: null };
      const { id } = await addOverride(
        { ...box, actor: ANA },
        { rule: 'project/ask-docs', effect: 'allow', reason: 'x', ...only },
      );
      let calls = 0;
      const { task } = await execute(box, await add(box, { checks: ['true'] }), {
        on: ({ step }) => {
          if (step === 'tool' && ++calls === 2) void revokeOverride({ ...box, actor: ANA }, id);
        },
      });
      expect(task.blockedBy).toMatchObject([{ kind: 'approval', what: 'write docs/b.md' }]);
    }));
});
