import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openBlobStore } from '../src/index.js';
import { add, execute, exists, shellAI, withProject, worktreeOf } from './support/bench.js';

/** Nothing of the attempt is on the integration branch, which is still where it began. */
function nothingLanded(project: { git(...args: string[]): string }): void {
  expect(project.git('rev-parse', 'signalbox/integration')).toBe(project.git('rev-parse', 'main'));
}

describe('an attempt whose work is not right', () => {
  it('does not pass by a check that mends the work, since that is not what would land', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo wrong > src/b.txt');
      const check = 'echo right > src/b.txt; touch report.txt';
      const { task, verdict } = await execute(box, await add(box, { checks: [check] }));
      expect(task.status).toBe('queued');
      expect(verdict.reasons).toEqual([
        { code: 'CHECK_STALE', message: 'The checks changed what they judged: `src/b.txt`.' },
      ]);
    }));

  it('passes by a check that leaves new files lying about', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo right > src/b.txt');
      const { task } = await execute(box, await add(box, { checks: ['touch report.txt'] }));
      expect(task.status).toBe('done');
      expect(project.git('show', '--name-only', '--format=', 'signalbox/integration')).toBe('src/b.txt');
      expect(project.git('branch', '--list', 'signalbox/tsk*')).toBe('');
    }));

  it('is tried again with what failed in the prompt, until it is right', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const prompts = join(project.place, 'prompts.md');
      await shellAI(
        box,
        `cat >> ${prompts}; if grep -q 'attempt before this one failed' ${prompts}; then echo right; else echo wrong; fi > src/b.txt`,
      );
      const task = await add(box, {
        description: 'Please be right.',
        checks: ['grep -rq right src || { echo not right; exit 4; }'],
      });
      const first = await execute(box, task);
      expect(first.task).toMatchObject({ status: 'queued', attempt: 1, notBefore: null });
      expect(first.attempt).toMatchObject({ outcome: 'failed', failure: { class: 'checks_failed' } });
      expect(first.attempt.failure?.message).toMatch(/exited with 4.\nnot right$/);
      nothingLanded(project);
      expect(exists(worktreeOf(box, task))).toBe(true);
      const second = await execute(box, task);
      expect(second.task).toMatchObject({ status: 'done', attempt: 2, failure: null });
      const [one = '', two = ''] = readFileSync(prompts, 'utf8').split('# Do it\n').slice(1);
      expect(one).toContain('Please be right.');
      expect(one).not.toContain('failed');
      expect(two).toContain('exited with 4.\nnot right\n\nDo not repeat it.');
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('right');
      expect(project.git('branch', '--list', 'signalbox/tsk*', '--format=%(refname:short)')).toBe(
        `signalbox/${task.id}/1`,
      );
    }));

  it('fails for good when its attempts are used up', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 9');
      const task = await add(box, { maxAttempts: 1, checks: ['true'] });
      const { task: after, attempt, verdict } = await execute(box, task);
      expect(after).toMatchObject({ status: 'failed', failure: { class: 'agent_error' } });
      expect(attempt.outcome).toBe('failed');
      expect(verdict).toMatchObject({ pass: false, reasons: [{ code: 'NOT_FINISHED' }] });
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'FINISHED' });
    }));

  it.each([
    [
      'writes outside its locks',
      'echo x > src/a.txt; echo x > README.md',
      "Changed outside the task's locks: README.md.",
    ],
    ['writes what policy denies', 'echo x > src/a.txt; echo KEY=1 > src/.env', 'Changed what policy denies: src/.env.'],
    ['changes the rules it works under', 'mkdir -p .ai; echo x > .ai/policy.yaml', '.ai/policy.yaml'],
    ['changes nothing', 'true', 'Nothing was changed.'],
    ['writes only to what it may read', 'echo x > docs.txt', "Changed outside the task's locks: docs.txt."],
  ])('lands nothing when the agent %s', (_what, shell, message) =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, shell);
      const locks = [{ glob: 'src/**' }, { glob: 'docs.txt', mode: 'shared' as const }];
      const { task } = await execute(box, await add(box, { locks, checks: ['true'] }));
      expect(task).toMatchObject({ status: 'queued', attempt: 1, failure: { class: 'checks_failed' } });
      expect(task.failure?.message).toContain(message);
      nothingLanded(project);
    }),
  );

  it('waits for a person when the change touches what its own checks depend on', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, `echo '{"scripts":{"test":"true"}}' > package.json`);
      const { task, verdict } = await execute(box, await add(box, { checks: ['true'] }));
      expect(verdict).toMatchObject({ pass: false, needsPerson: true, reasons: [{ code: 'CHECK_CHANGED' }] });
      expect(task).toMatchObject({ status: 'blocked', attempt: 0 });
      expect(task.blockedBy).toEqual([{ kind: 'human', reason: expect.stringContaining('package.json') }]);
      nothingLanded(project);
    }));

  it('waits for a person when there is no check, with the work kept on its branch', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { task, attempt } = await execute(box, await add(box));
      expect(task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
      expect(attempt.outcome).toBe('blocked');
      expect(project.git('show', `signalbox/${task.id}/1:b.txt`)).toBe('x');
      expect(readFileSync(join(worktreeOf(box, task), 'b.txt'), 'utf8')).toBe('x\n');
      nothingLanded(project);
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'BLOCKED' });
    }));

  it('keeps its diff as evidence even when the agent itself fails', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo half > b.txt; exit 3');
      const { task, evidence } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('queued');
      const diff = evidence.find((item) => item.kind === 'diff');
      const blob = await openBlobStore(box.store.paths.blobs).get(diff?.digest ?? 'sha256:');
      expect(Buffer.from(blob ?? []).toString('utf8')).toContain('+half');
      expect(project.git('show', `signalbox/${task.id}/1:b.txt`)).toBe('half');
    }));

  it('keeps what somebody changed in its folder afterwards, before the folder is made afresh', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo wrong > b.txt');
      const task = await add(box, { checks: ['false'] });
      await execute(box, task);
      writeFileSync(join(worktreeOf(box, task), 'b.txt'), 'by hand\n');
      await execute(box, task);
      expect(project.git('show', `signalbox/${task.id}/1:b.txt`)).toBe('by hand');
      expect(project.git('show', `signalbox/${task.id}/2:b.txt`)).toBe('wrong');
    }));
});

describe('a task that runs a line', () => {
  it('is done when the line exits with 0, whatever it changes', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'exit 1');
      const nothing = await execute(box, await add(box, { run: { shell: 'echo fine' } }));
      expect(nothing.task).toMatchObject({ type: 'command', status: 'done' });
      expect(nothing.evidence).toMatchObject([
        { kind: 'log', grade: 'claimed', summary: { text: 'fine', exitCode: 0 } },
      ]);
      const something = await execute(box, await add(box, { run: { argv: ['cp', 'README.md', 'copy.md'] } }));
      expect([something.task.failure, something.verdict.reasons, something.task.status]).toEqual([null, [], 'done']);
      expect(project.git('show', 'signalbox/integration:copy.md')).toBe('# x');
    }));

  it('is not done when it exits otherwise', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const { task } = await execute(box, await add(box, { run: { shell: 'echo no >&2; exit 7' } }));
      expect(task).toMatchObject({ status: 'queued', attempt: 1, failure: { class: 'agent_error' } });
      expect(task.failure?.message).toContain('7');
    }));

  it('does not run when policy denies the line', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const line = `touch ${project.place}/ran; git push --force`;
      const { task } = await execute(box, await add(box, { run: { shell: line } }));
      expect(task).toMatchObject({ status: 'blocked', attempt: 0, failure: { class: 'policy_denied' } });
      expect(task.blockedBy).toEqual([{ kind: 'human', reason: expect.stringContaining('Policy denies') }]);
      expect(exists(join(project.place, 'ran'))).toBe(false);
    }));

  it('waits for an approval when policy asks about the line', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const line = `touch ${project.place}/ran; curl https://example.com`;
      const { task, attempt } = await execute(box, await add(box, { run: { shell: line } }));
      expect(task).toMatchObject({ status: 'blocked', attempt: 0 });
      expect(task.blockedBy).toEqual([
        {
          kind: 'approval',
          decision: expect.stringMatching(/^pdr_/),
          what: `run \`${line}\``,
          approval: expect.stringMatching(/^apr_/),
        },
      ]);
      expect(attempt.outcome).toBe('blocked');
      expect(exists(join(project.place, 'ran'))).toBe(false);
    }));

  it('may not do as much when an AI wrote the line', () =>
    withProject({}, async (project) => {
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', AI_CREATES));
      project.trust();
      const box = await project.open();
      await shellAI(box, 'true');
      const run = { shell: `some-tool > ${project.place}/ran` };
      const { task } = await execute(box, await add(box, { run }, { kind: 'ai', id: 'sh' }));
      expect(task).toMatchObject({ createdBy: 'ai:sh', status: 'blocked' });
      expect(exists(join(project.place, 'ran'))).toBe(false);
    }));
});

const AI_CREATES = `rules:
  - { id: ai-creates, effect: allow, on: [task.create], reason: A test }
`;

describe('a review', () => {
  it('is done with what it says, which is kept', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo it looks fine');
      const { task, evidence } = await execute(box, await add(box, { type: 'review' }));
      expect(task.status).toBe('done');
      expect(evidence).toMatchObject([{ kind: 'artefact', grade: 'claimed', summary: { text: 'it looks fine' } }]);
    }));
});

describe('work in place', () => {
  it('is judged on the difference that the agent makes to the checkout, and nothing is landed', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      project.write('notes.txt', 'mine\n');
      await shellAI(box, 'echo x > b.txt');
      const { task, evidence } = await execute(box, await add(box, { checks: ['true'] }), { workspace: 'in-place' });
      expect(task.status).toBe('done');
      expect(evidence.find((item) => item.kind === 'diff')?.summary).toMatchObject({
        changes: [{ path: 'b.txt', status: 'added' }],
      });
      expect(project.read('b.txt')).toBe('x\n');
      expect(project.git('branch', '--format=%(refname:short)')).toBe('main');
      expect(project.git('status', '--porcelain').split('\n')).toContain('?? b.txt');
    }));

  it('happens outside of git, where the change is found by comparing listings', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { task, evidence } = await execute(box, await add(box, { checks: ['test -e b.txt'] }));
      expect(task.status).toBe('done');
      expect(evidence.map((item) => item.kind)).toEqual(['diff', 'command']);
      expect(project.read('b.txt')).toBe('x\n');
    }));
});

describe('the instructions of the project', () => {
  it('come from the commit that the work starts from, each text once', () =>
    withProject({ files: { 'AGENTS.md': 'Be kind.\n', 'CLAUDE.md': 'Be kind.\n' } }, async (project) => {
      project.write('AGENTS.md', 'Be rude.\n');
      const box = await project.open();
      mkdirSync(join(project.place, 'seen'));
      await shellAI(box, `cat > ${project.place}/seen/prompt.md`);
      await execute(box, await add(box, { locks: [{ glob: 'src/**' }], checks: ['npm test'] }));
      const prompt = readFileSync(join(project.place, 'seen/prompt.md'), 'utf8');
      expect(prompt.match(/Be kind/g)).toHaveLength(1);
      expect(prompt).not.toContain('rude');
      expect(prompt).toContain('Change only files that match `src/**`');
      expect(prompt).toContain('It is done when `npm test` exits with 0');
    }));
});
