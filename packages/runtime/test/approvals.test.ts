import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import {
  addOverride,
  answerApproval,
  expireApprovals,
  mustGet,
  type Progress,
  removeEvidence,
  revokeOverride,
  type Signalbox,
  updateTask,
} from '../src/index.js';
import { add, execute, type Project, scriptedClaude, shellAI, withProject } from './support/bench.js';

const ANA = { kind: 'user', id: 'ana' } as const;
const BO = { kind: 'user', id: 'bo' } as const;
const HOUR = 3_600_000;
const bash = (command: string) => ({ name: 'Bash', input: { command } });

type Answer = Partial<Parameters<typeof answerApproval>[1]>;

const answer = async (box: Signalbox, more: Answer = {}, actor: Signalbox['actor'] = ANA) => {
  const [waiting] = await box.store.records.approvals.list();
  const request = { id: waiting?.id ?? '', effect: 'approve', scope: 'once', reason: null, holdsMs: HOUR } as const;
  return answerApproval({ store: box.store, door: box.door, actor }, { ...request, ...more });
};
const questions = (box: Signalbox) => box.store.records.approvals.list();
const kindsOf = (box: Signalbox, prefix: string) =>
  box.ledger
    .read({})
    .map(({ kind }) => kind)
    .filter((kind) => kind.startsWith(prefix));
const get = (box: Signalbox, id: string) => mustGet({ tasks: box.tasks }, id);

/** Puts rules in front of those that `init` wrote. */
function addRules(project: Project, rules: string): void {
  project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rules}`));
  project.trust();
}

const ASK_LANDING = `  - { id: ask-landing, effect: ask, on: [task.land], when: '"src/b.txt" in resource.changed_paths' }\n`;

describe('what policy asks about', () => {
  it('waits for a person, whose yes queues the task again and lets that very thing happen, once', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git push --dry-run nowhere' } });
      const first = await execute(box, id);
      expect(first.task).toMatchObject({ status: 'blocked', attempt: 0 });
      const [asked] = await questions(box);
      expect(asked).toMatchObject({
        state: 'waiting',
        requester: 'ai:sh',
        task: id,
        what: 'run `git push --dry-run nowhere`',
        rules: ['project/ask-git-remote'],
        authors: ['ai:sh', expect.stringMatching(/^user:/)],
      });
      // Asked again it is the same question.
      await box.tasks.unblock(
        id,
        () => true,
        () => [],
      );
      await execute(box, id);
      expect(await questions(box)).toHaveLength(1);
      await answer(box);
      expect((await get(box, id)).status).toBe('queued');
      const { attempt } = await execute(box, id);
      // It ran, and failed since there is no such remote.
      expect(attempt).toMatchObject({ outcome: 'failed', failure: { class: 'agent_error' } });
      expect((await questions(box))[0]).toMatchObject({ state: 'used', usedFor: expect.stringMatching(/^pdr_/) });
      const [outcome] = box.ledger.read({ kind: 'policy.outcome', subject: `task/${id}` });
      expect(outcome?.data).toMatchObject({
        approval: asked?.id,
        option: 'allow_once',
        by: 'user:ana',
        enforced: true,
        decision: (await questions(box))[0]?.usedFor,
      });
      expect(kindsOf(box, 'approval.')).toEqual(['approval.requested', 'approval.answered', 'approval.used']);
    }));

  it('is refused after a no, which the agent is told, and the task goes on without', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [bash('curl https://example.com')] }, { text: 'Without, then.' }]);
      const { id } = await add(box, { type: 'review' });
      expect((await execute(box, id)).task.status).toBe('blocked');
      await answer(box, { effect: 'reject', scope: 'task', reason: 'no network here' });
      const prompts: Progress[] = [];
      const { task, steps } = await execute(box, id, { on: (step) => void prompts.push(step) });
      expect(task.status).toBe('done');
      expect(steps.find(({ step }) => step === 'refused')?.text).toContain('user:ana said no');
      expect(steps.find(({ step }) => step === 'refused')?.text).toContain('no network here');
      expect(box.ledger.read({ kind: 'policy.outcome' })[0]?.data).toMatchObject({ option: 'reject_always' });
    }));

  it('keeps an agent waiting as long as policy says, and lets it go on when the answer comes', () =>
    withProject({ approvalWait: '30s' }, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [bash('git fetch nowhere')] }, { text: 'Done.' }]);
      const { id } = await add(box, { type: 'review' });
      const { task, steps } = await execute(box, id, {
        on: ({ text }) => {
          if (text.startsWith('waits for apr_')) void answer(box);
        },
      });
      expect(task.status).toBe('done');
      expect(steps.some(({ step }) => step === 'refused')).toBe(false);
      expect(kindsOf(box, 'approval.')).toEqual(['approval.requested', 'approval.answered', 'approval.used']);
    }));

  it('lets the attempt be stopped while it waits', () =>
    withProject({ approvalWait: '10m' }, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [{ tools: [bash('git fetch nowhere')] }, { text: 'Done.' }]);
      const { id } = await add(box, { type: 'review' });
      const stop = new AbortController();
      const { attempt } = await execute(box, id, {
        signal: stop.signal,
        on: ({ text }) => {
          if (text.startsWith('waits for apr_')) stop.abort({ class: 'cancelled', message: 'Stop.' });
        },
      });
      expect(attempt.failure).toMatchObject({ class: 'cancelled' });
    }));

  it('counts as a no once nobody has answered in time', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock(Date.now());
      const box = await project.open({ clock });
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
      await execute(box, id);
      clock.advance(24 * HOUR);
      await expect(answer(box)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
      const [over] = await expireApprovals(box.store);
      expect(over).toMatchObject({ state: 'expired', task: id });
      expect(await expireApprovals(box.store)).toEqual([]);
      const { task } = await execute(box, id);
      expect(task.blockedBy).toMatchObject([{ kind: 'human', reason: expect.stringContaining('Nobody answered') }]);
      expect(kindsOf(box, 'approval.')).toEqual(['approval.requested', 'approval.expired', 'approval.used']);
      // Requeued by a person it is asked anew.
      await box.tasks.requeue(id, () => []);
      expect((await execute(box, id)).task.blockedBy).toMatchObject([{ kind: 'approval' }]);
    }));

  it('is ended when a project is opened, if nobody has answered in time', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock(Date.now());
      const box = await project.open({ clock });
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
      await execute(box, id);
      clock.advance(24 * HOUR);
      const later = await project.open({ clock });
      expect(await questions(later)).toMatchObject([{ state: 'expired' }]);
      expect((await get(later, id)).status).toBe('queued');
    }));
});

describe('what persons have decided', () => {
  it('is held against the log', () =>
    withProject({}, async (project) => {
      const loose = '  - { id: loose, effect: ask, on: [notify.send], overridable_by: [project] }\n';
      addRules(project, loose);
      const box = await project.open();
      await shellAI(box, 'unused');
      const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
      await execute(box, id);
      const only = { ai: null, task: null, label: null, expiresAt: null };
      await addOverride({ ...box, actor: ANA }, { rule: 'project/loose', effect: 'allow', reason: 'x', ...only });
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      const tampered = async (...lines: string[]) => {
        const { db } = box.store;
        const rows = (table: string) => db.prepare(`SELECT * FROM ${table}`).all();
        const [approvals, overrides] = [rows('approval'), rows('policy_override')];
        for (const line of lines) db.exec(line);
        const report = await box.ledger.verify();
        db.exec('DELETE FROM approval; DELETE FROM policy_override');
        for (const row of approvals) {
          db.prepare('INSERT INTO approval VALUES (?, ?, ?, ?, ?, ?)').run(...Object.values(row));
        }
        for (const row of overrides)
          db.prepare('INSERT INTO policy_override VALUES (?, ?, ?, ?)').run(...Object.values(row));
        return 'reason' in report ? report.reason : report;
      };
      const answerText = `'{"effect":"approve","scope":"task","by":"user:ana","at":"2026-01-01T00:00:00.000Z","reason":null}'`;
      expect(
        await tampered(`UPDATE approval SET record = json_set(record, '$.answer', json(${answerText}))`),
      ).toContain('another answer');
      const state = `json_set(record, '$.state', 'approved')`;
      expect(await tampered(`UPDATE approval SET state = 'approved'`)).toContain('another state');
      expect(await tampered(`UPDATE approval SET state = 'approved', record = ${state}`)).toContain('another state');
      expect(await tampered(`UPDATE approval SET digest = 'sha256:other'`)).toContain('another digest');
      expect(await tampered(`UPDATE approval SET record = json_set(record, '$.approvers', 'x')`)).toContain(
        'another approvers',
      );
      expect(await tampered(`UPDATE approval SET record = json_set(record, '$.expiresAt', '2099')`)).toContain(
        'another expiresAt',
      );
      expect(await tampered(`UPDATE approval SET record = json_set(record, '$.request.x', 1)`)).toContain(
        'another requestDigest',
      );
      expect(await tampered(`UPDATE approval SET record = 'no JSON'`)).toContain('another state');
      expect(await tampered(`UPDATE approval SET id = 'apr_x'`)).toContain('recorded by no entry');
      expect(await tampered(`DELETE FROM approval`)).toContain('no longer there');
      await execute(box, await add(box, { run: { shell: 'git fetch elsewhere' } }));
      expect(await tampered(`UPDATE approval SET number = number + 100 WHERE number = 1`)).toContain('another order');
      expect(await tampered(`UPDATE policy_override SET id = 'ovr_x'`)).toContain('recorded by no entry');
      expect(await tampered(`UPDATE policy_override SET revoked = 1`)).toContain('another isRevoked');
      expect(
        await tampered(`UPDATE policy_override SET record = json_set(record, '$.rule', 'project/no-secrets')`),
      ).toContain('another rule');
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      const [override] = await box.store.records.overrides.list();
      await revokeOverride({ ...box, actor: ANA }, override?.id ?? '');
      await answer(box, { scope: 'task' });
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      expect(await tampered(`UPDATE policy_override SET revoked = 0`)).toContain('another isRevoked');
    }));
});

describe('an answer', () => {
  const asked = async (project: Project, rules = '') => {
    if (rules) addRules(project, rules);
    const box = await project.open();
    await shellAI(box, 'unused');
    const { id } = await add(box, { run: { shell: 'git fetch nowhere' } });
    await execute(box, id);
    return { box, id };
  };

  it('is never an AI to give', () =>
    withProject({}, async (project) => {
      const { box, id } = await asked(project);
      await expect(answer(box, {}, { kind: 'ai', id: 'sh' })).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
      expect((await get(box, id)).status).toBe('blocked');
    }));

  it('given twice is one; another one comes too late', () =>
    withProject({}, async (project) => {
      const { box } = await asked(project);
      const first = await answer(box);
      expect(await answer(box)).toEqual(first);
      await expect(answer(box, { scope: 'task' })).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
      await expect(answer(box, { effect: 'reject' })).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
      await expect(answer(box, {}, BO)).rejects.toMatchObject({ code: 'ALREADY_ANSWERED' });
    }));

  it('may be for somebody else than the author to give', () =>
    withProject({}, async (project) => {
      const { box, id } = await asked(
        project,
        `  - { id: four-eyes, effect: ask, on: [shell.run], command: { argv: [git, fetch, "..."] }, obligations: [{ reviewer: not-author }] }\n`,
      );
      await expect(answer(box)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
      expect((await get(box, id)).status).toBe('blocked');
      expect(await answer(box, {}, BO)).toMatchObject({ state: 'approved', answer: { by: 'user:bo' } });
    }));

  it('goes through policy like everything else', () =>
    withProject({}, async (project) => {
      const { box } = await asked(
        project,
        `  - { id: only-bo, effect: deny, on: [approval.answer], when: 'subject.id != "bo"' }\n  - { id: ask-carl, effect: ask, on: [approval.answer], when: 'subject.id == "carl"' }\n`,
      );
      await expect(answer(box)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
      expect((await questions(box))[0]?.state).toBe('waiting');
      expect(await answer(box, {}, BO)).toMatchObject({ state: 'approved' });
      expect(await questions(box)).toHaveLength(1);
    }));

  it('for a task holds for that task alone', () =>
    withProject({}, async (project) => {
      const { box, id } = await asked(project);
      await answer(box, { scope: 'task' });
      await execute(box, id);
      expect((await questions(box))[0]).toMatchObject({ state: 'approved' });
      const other = await add(box, { run: { shell: 'git fetch nowhere' } });
      expect((await execute(box, other)).task.status).toBe('blocked');
      expect(await questions(box)).toHaveLength(2);
    }));
});

describe('a change that a person must approve before it lands', () => {
  it('lands as it was approved, without the work being done again, also on top of what landed meanwhile', () =>
    withProject({}, async (project) => {
      addRules(project, ASK_LANDING);
      const box = await project.open();
      await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`);
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      await execute(box, id);
      // Something else lands meanwhile, so the approved commit is merged and checked again.
      const other = await add(box, { run: { shell: 'echo c > src/c.txt' }, checks: ['grep -rq . src'] });
      expect((await execute(box, other)).task.status).toBe('done');
      await answer(box);
      const { task } = await execute(box, id);
      expect(task.status).toBe('done');
      const landed = project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['README.md', 'src/a.txt', 'src/b.txt', 'src/c.txt']);
      const runs = readFileSync(join(project.place, 'runs'), 'utf8');
      expect(runs).toBe('run\n');
    }));

  it('is done again after a no, with the reason before the agent', () =>
    withProject({}, async (project) => {
      addRules(project, ASK_LANDING);
      const box = await project.open();
      await shellAI(box, `cat > ${project.place}/prompt; date +%N > src/b.txt`);
      const { id } = await add(box, { checks: ['grep -rq . src'] });
      await execute(box, id);
      await answer(box, { effect: 'reject', reason: 'name it better' });
      const { task } = await execute(box, id);
      expect(task.blockedBy).toMatchObject([{ kind: 'approval' }]);
      const prompt = readFileSync(join(project.place, 'prompt'), 'utf8');
      expect(prompt).toContain('name it better');
    }));
});

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

describe('an approved landing', () => {
  const approved = async (project: Project, more: Parameters<typeof add>[1] = {}) => {
    addRules(project, ASK_LANDING);
    const box = await project.open();
    await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`);
    const { id } = await add(box, { checks: ['grep -rq . src'], ...more });
    await execute(box, id);
    await answer(box, { scope: 'task' });
    return { box, id };
  };
  const runs = (project: Project) => readFileSync(join(project.place, 'runs'), 'utf8').split('\n').length - 1;

  it('is of the task as it was: a changed task is worked on again', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      await updateTask({ tasks: box.tasks, door: box.door, actor: ANA }, id, { checks: ['false'] });
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(runs(project)).toBe(2);
    }));

  it.each([
    ['completion is denied', '  - { id: x, effect: deny, on: [task.complete] }\n', 'complete'],
    [
      'a path is denied',
      '  - { id: x, effect: deny, on: [file.write], when: \'resource.path == "src/b.txt"\', enforce: best-effort }\n',
      'src/b.txt',
    ],
    [
      'evidence is demanded',
      '  - { id: x, effect: allow, on: [task.complete], obligations: [{ evidence: test-report }] }\n',
      'test-report',
    ],
    [
      'a check is denied',
      '  - { id: x, effect: deny, on: [shell.run], command: { argv: [grep, "..."] }, enforce: best-effort }\n',
      'project/x',
    ],
  ])('does not land once %s', (_, rule, said) =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      addRules(project, rule);
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      expect(task.failure?.message).toContain(said);
      expect(project.git('ls-tree', '-r', '--name-only', 'signalbox/integration')).not.toContain('src/b.txt');
    }),
  );

  it.each([
    [
      'asks about a path',
      `  - { id: x, effect: ask, on: [file.write], when: 'resource.path == "src/b.txt"', enforce: best-effort }\n`,
    ],
  ])('does not land where policy now %s', (_, rule) =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      addRules(project, rule);
      const { task } = await execute(box, id);
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
    }),
  );

  it('is of the AI that did the work: another one does it anew', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      await shellAI(box, `echo run >> ${project.place}/runs; echo b > src/b.txt`, 'other');
      await execute(box, id, { ai: 'other' });
      expect(runs(project)).toBe(2);
    }));

  it('does not count evidence that was removed', () =>
    withProject({}, async (project) => {
      addRules(project, '  - { id: y, effect: allow, on: [task.complete], obligations: [{ evidence: command }] }\n');
      const { box, id } = await approved(project);
      const evidence = await box.store.evidence.list({ task: id });
      for (const item of evidence.filter(({ kind }) => kind === 'command')) {
        await removeEvidence({ ...box, actor: ANA }, item.id, 'too large');
      }
      expect((await execute(box, id)).task.failure?.message).toContain('evidence of kind command');
    }));

  it('that conflicts is tried once; then the work is done anew', () =>
    withProject({}, async (project) => {
      const { box, id } = await approved(project);
      const other = await add(box, { run: { shell: 'echo other > src/b.txt' }, checks: ['true'] });
      await execute(box, other);
      await answer(box);
      expect((await execute(box, other)).task.status).toBe('done');
      expect((await execute(box, id)).task).toMatchObject({ status: 'queued', failure: { class: 'checks_failed' } });
      expect(runs(project)).toBe(1);
      await execute(box, id);
      expect(runs(project)).toBe(2);
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
