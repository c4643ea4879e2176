import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { addOverride, expireApprovals, type Progress, revokeOverride } from '../src/index.js';
import { ANA, addRules, answer, BO, bash, get, HOUR, kindsOf, questions } from './support/approvals.js';
import { add, execute, type Project, scriptedClaude, shellAI, withProject } from './support/bench.js';

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
