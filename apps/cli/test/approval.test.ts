import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Project, shellAI, withProject } from './support/project.js';

interface Asked {
  approvals: { id: string; state: string; what: string; requester: string; task: string }[];
}

/** A task whose line policy asks about, executed once. */
async function askOnce(project: Project): Promise<{ task: string; approval: string }> {
  await shellAI(project, 'unused');
  const { id } = await project.add('Fetch', '--run', 'git fetch nowhere');
  const { exitCode, stdout } = await project.run(['task', 'execute', id, '--json']);
  expect(exitCode).toBe(6);
  expect(JSON.parse(stdout).task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'approval' }] });
  const { approvals } = await project.ask<Asked>('approval', 'list');
  expect(approvals).toHaveLength(1);
  return { task: id, approval: approvals[0]?.id ?? '' };
}

describe('signalbox approval', () => {
  it('shows what waits, and lets the task go on after a yes', () =>
    withProject({}, async (project) => {
      expect((await project.run(['approval', 'list'])).stdout).toBe('Nothing waits for an answer.\n');
      const { task, approval } = await askOnce(project);
      const listed = await project.run(['approval', 'list', '--task', task]);
      expect(listed.stdout).toMatch(/^ID +STATE +WHO +UNTIL \(UTC\) +WANTS TO\n/);
      expect(listed.stdout).toContain('ai:sh');
      const shown = await project.run(['approval', 'show', approval.slice(0, -2)]);
      expect(shown.stdout).toContain('ai:sh wants to run `git fetch nowhere`');
      expect(shown.stdout).toContain('project/ask-git-remote');
      const said = await project.run(['approval', 'approve', approval, '--reason', 'fine']);
      expect(said).toMatchObject({ exitCode: 0, stderr: '' });
      expect(said.stdout).toBe(`Approved: ai:sh may run \`git fetch nowhere\` (once).\n${task} is queued.\n`);
      expect((await project.run(['approval', 'show', approval])).stdout).toContain('(once): fine');
      // It may run now, and fails: there is no such remote.
      expect((await project.run(['task', 'execute', task])).exitCode).toBe(8);
      const { approvals } = await project.ask<Asked>('approval', 'list', '--all');
      expect(approvals).toMatchObject([{ id: approval, state: 'used' }]);
      expect((await project.run(['audit', 'verify'])).exitCode).toBe(0);
    }));

  it('takes the same answer twice, and refuses another one', () =>
    withProject({}, async (project) => {
      const { approval } = await askOnce(project);
      const reject = ['approval', 'reject', approval, '--reason', 'no network'];
      expect((await project.run(reject)).stdout).toContain('Rejected: ai:sh may not run `git fetch nowhere`');
      expect((await project.run(reject)).exitCode).toBe(0);
      const late = await project.run(['approval', 'approve', approval, '--json']);
      expect([late.exitCode, JSON.parse(late.stderr).error.code]).toEqual([4, 'ALREADY_ANSWERED']);
    }));

  it('suggests the narrowest rule for what is to be allowed always', () =>
    withProject({}, async (project) => {
      const { approval } = await askOnce(project);
      const { stdout } = await project.run(['approval', 'approve', approval, '--scope', 'always']);
      expect(stdout).toContain('"argv":["git","fetch","nowhere"]');
      expect(stdout).toContain('project/ask-git-remote');
    }));

  it.each([
    [['approval', 'show', 'apr_none'], 3, 'APPROVAL_NOT_FOUND'],
    [['approval', 'approve', 'apr_none'], 3, 'APPROVAL_NOT_FOUND'],
    [['approval', 'approve', 'x', '--scope', 'ever'], 2, 'USAGE'],
    [['approval', 'reject', 'x', '--scope', 'always'], 2, 'USAGE'],
    [['approval', 'approve', 'x', '--holds', 'long'], 2, 'USAGE'],
    [['policy', 'decisions', 'show', 'pdr_none'], 3, 'NOT_FOUND'],
    [['policy', 'decisions', 'list', '--decision', 'maybe'], 2, 'USAGE'],
    [['policy', 'replay', ''], 3, 'NOT_FOUND'],
    [['policy', 'override', 'revoke', 'ovr_none'], 3, 'OVERRIDE_NOT_FOUND'],
    [['policy', 'override', 'add', 'project/none', '--effect', 'allow', '--reason', 'x'], 2, 'OVERRIDE_USELESS'],
    [['policy', 'override', 'add', 'project/no-secrets', '--effect', 'allow', '--reason', 'x'], 2, 'OVERRIDE_USELESS'],
    [['policy', 'override', 'add', 'project/x', '--effect', 'deny', '--reason', 'x'], 2, 'USAGE'],
    [['policy', 'override', 'add', 'project/x', '--effect', 'allow', '--reason', ' '], 2, 'USAGE'],
    [
      ['policy', 'override', 'add', 'project/x', '--effect', 'ask', '--reason', 'x', '--expires', '2020-01-01'],
      2,
      'USAGE',
    ],
    [['policy', 'compile', '--for', 'emacs'], 2, 'USAGE'],
    [['policy', 'backtest', 'none.yaml'], 3, 'NOT_FOUND'],
  ])('answers %j with what is wrong', (argv, exit, code) =>
    withProject({}, async (project) => {
      const { exitCode, stderr } = await project.run([...argv, '--json']);
      expect([exitCode, JSON.parse(stderr).error.code]).toEqual([exit, code]);
    }),
  );
});

describe('signalbox policy override', () => {
  const OPEN = `version: 1
scope: project
default: allow
rules:
  - { id: ask-fetch, effect: ask, on: [shell.run], command: { argv: [git, fetch, "..."] }, overridable_by: [project] }
`;

  it('makes a rule looser until it is revoked, and every use is named', () =>
    withProject({}, async (project) => {
      project.write('.ai/policy.yaml', OPEN);
      await project.ask('trust', '--yes');
      const explain = async () =>
        project.ask<{ decision: string; exceptionsUsed: unknown[] }>(
          ...['policy', 'explain', 'shell.run', '--command', 'git fetch x', '--ai', 'codex'],
        );
      expect((await explain()).decision).toBe('ask');
      const added = await project.ask<{ override: { id: string; expiresAt: string } }>(
        ...[
          'policy',
          'override',
          'add',
          'project/ask-fetch',
          '--effect',
          'allow',
          '--ai',
          'codex',
          '--reason',
          'mirror',
        ],
      );
      expect(Date.parse(added.override.expiresAt)).toBeGreaterThan(Date.now());
      expect(await explain()).toMatchObject({
        decision: 'allow',
        exceptionsUsed: [{ rule: 'project/ask-fetch', by: expect.stringMatching(/^user:/), reason: 'mirror' }],
      });
      const { stdout } = await project.run(['policy', 'override', 'list']);
      expect(stdout).toContain('project/ask-fetch');
      expect(stdout).toContain('allow to codex');
      expect((await project.run(['policy', 'show', '--ai', 'codex'])).stdout).toContain('says allow until');
      await project.ask('policy', 'override', 'revoke', added.override.id.slice(0, 9));
      expect((await explain()).decision).toBe('ask');
      expect((await project.run(['policy', 'override', 'list'])).stdout).toBe('No override is in force.\n');
      expect((await project.run(['policy', 'override', 'list', '--all'])).stdout).toContain('revoked');
      const { entries } = await project.ask<{ entries: { kind: string }[] }>(
        'audit',
        'log',
        '--kind',
        'policy.override',
      );
      expect(entries).toHaveLength(0);
      const all = await project.ask<{ entries: { kind: string }[] }>('audit', 'log', '--kind', 'policy.override*');
      expect(all.entries.map(({ kind }) => kind)).toEqual(['policy.override_added', 'policy.override_revoked']);
    }));
});

describe('what was decided', () => {
  it('can be listed, shown, replayed, and held against another policy', () =>
    withProject({}, async (project) => {
      await askOnce(project);
      const { decisions } = await project.ask<{ decisions: { id: string; decision: string }[] }>(
        ...['policy', 'decisions', 'list', '--decision', 'ask', '--action', 'shell.'],
      );
      expect(decisions).toMatchObject([{ decision: 'ask', determining: ['project/ask-git-remote'] }]);
      const id = decisions[0]?.id ?? '';
      expect((await project.run(['policy', 'decisions', 'list', '--since', '1h'])).stdout).toContain(id);
      const shown = await project.run(['policy', 'decisions', 'show', id]);
      expect(shown.stdout).toContain('→ ask   project/ask-git-remote');
      expect(shown.stdout).toContain('project .ai/policy.yaml (loaded)');
      // The files may change: the replay takes the texts by which it was decided.
      project.write('.ai/policy.yaml', 'version: 1\nscope: project\ndefault: allow\n');
      const again = await project.run(['policy', 'replay', id]);
      expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Agrees') });
      project.write('draft.yaml', 'version: 1\nscope: project\ndefault: deny\n');
      const report = await project.run(['policy', 'backtest', 'draft.yaml', '--since', '1h']);
      expect(report.stdout).toMatch(/^\d+ decisions: \d+ the same, 1 changed, 0 not known\.\n/);
      // Without a rule, the line that a user wrote is allowed.
      expect(report.stdout).toContain('ask   → allow');
      await project.run(['trust', '--yes']);
      project.write('broken.yaml', 'version: 1\nscope: project\ndefault: maybe\n');
      const broken = await project.run(['policy', 'backtest', 'broken.yaml', '--json']);
      expect([broken.exitCode, JSON.parse(broken.stderr).error.code]).toEqual([7, 'POLICY_INVALID']);
    }));
});

describe('an approval that two rules want of different persons', () => {
  it('says who is needed and by which rule, and the check of the policy names both', () =>
    withProject({}, async (project) => {
      const rule = (id: string, user: string) =>
        `  - { id: ${id}, effect: ask, on: [task.cancel], obligations: [{ approval: "user:${user}" }] }\n`;
      const policy = (scope: string, rules: string) => `version: 1\nscope: ${scope}\nrules:\n${rules}`;
      project.write(join(project.place, 'signalbox', 'policy.yaml'), policy('global', rule('boss', 'ana')));
      project.write('.ai/policy.yaml', policy('project', rule('lead', 'bo')));
      await project.run(['trust', '--yes']);
      const { id } = await project.add('Cancel me');
      expect((await project.run(['task', 'cancel', id])).exitCode).toBe(6);
      const { approvals } = await project.ask<Asked>('approval', 'list');
      const shown = await project.run(['approval', 'show', approvals[0]?.id ?? ''], { columns: 400 });
      expect(shown.stdout).toContain('to be answered by user:ana (global/boss) and user:bo (project/lead)\n');
      expect(shown.stdout).toContain('nobody can approve it');
      const checked = await project.run(['policy', 'check'], { columns: 400 });
      expect(checked.exitCode).toBe(7);
      expect(checked.stdout).toContain('error: unanswerable "global/boss" and "project/lead" want the approvals');
    }));
});

describe('a policy as a whole', () => {
  it('is shown with where each part comes from', () =>
    withProject({}, async (project) => {
      const { exitCode, stdout } = await project.run(['policy', 'show']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('ask from project');
      expect(stdout).toContain('approval_wait: 10m from project');
      expect(stdout).toMatch(/deny {2}project\/no-secrets on file\.read, file\.write/);
    }));

  it('that init writes has no conflicts; one that has is warned of in one line wherever it counts', () =>
    withProject({}, async (project) => {
      expect((await project.run(['policy', 'check'])).stdout).toBe('No rule contradicts, hides or undoes another.\n');
      project.write(
        '.ai/policy.yaml',
        `version: 1
scope: project
default: ask
rules:
  - { id: none, effect: deny, on: [net.fetch] }
  - { id: some, effect: allow, on: [net.fetch], when: 'resource.host == "example.com"' }
`,
      );
      await project.run(['trust', '--yes']);
      const { exitCode, stdout } = await project.run(['policy', 'check', '--json']);
      expect(exitCode).toBe(7);
      const { findings } = JSON.parse(stdout);
      expect(findings).toMatchObject([
        {
          kind: 'shadowed',
          rules: ['project/some', 'project/none'],
          at: ['.ai/policy.yaml:6:5', '.ai/policy.yaml:5:5'],
        },
      ]);
      expect(findings[0].witness).toMatchObject({ resource: { host: 'example.com' } });
      const told = await project.run(['policy', 'check']);
      expect(told.stdout).toContain('for example: ');
      const { stderr } = await project.run(['task', 'create', 'x']);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain('signalbox policy check');
      // Looked up the second time, and said again.
      expect((await project.run(['task', 'create', 'y'])).stderr).toBe(stderr);
    }));

  it('runs its own tests', () =>
    withProject({}, async (project) => {
      expect((await project.run(['policy', 'test'])).stdout).toMatch(/^passed \.ai\/policy\.yaml: \d\d tests\n$/);
      project.write(
        'bad.yaml',
        'version: 1\nscope: project\ntests:\n  - { request: { on: net.fetch, host: a }, expect: allow }\n',
      );
      const { exitCode, stdout } = await project.run(['policy', 'test', 'bad.yaml']);
      expect(exitCode).toBe(7);
      expect(stdout).toContain('bad.yaml:4:5 POLICY_TEST');
    }));

  it('has a schema for editors', () =>
    withProject({ init: false }, async (project) => {
      const { exitCode, stdout } = await project.run(['policy', 'schema']);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
    }));

  it('is compiled for an agent, and never over a file that is there', () =>
    withProject({}, async (project) => {
      const { stdout } = await project.run(['policy', 'compile', '--for', 'claude-code', '--json']);
      const { files, unenforced } = JSON.parse(stdout);
      expect(files[0].path).toBe('.claude/settings.json');
      expect(JSON.parse(files[0].text).hooks.PreToolUse).toHaveLength(1);
      expect(unenforced.length).toBeGreaterThan(0);
      const to = ['policy', 'compile', '--for', 'claude-code', '--to', project.place];
      expect((await project.run(to)).stdout).toContain(`Wrote ${join(project.place, '.claude/settings.json')}.`);
      const again = await project.run([...to, '--json']);
      expect([again.exitCode, JSON.parse(again.stderr).error.code]).toEqual([4, 'FILE_EXISTS']);
    }));
});

describe('signalbox policy hook', () => {
  const call = (tool: string, input: object, cwd: string) =>
    JSON.stringify({ session_id: 's', hook_event_name: 'PreToolUse', tool_name: tool, tool_input: input, cwd });
  const hook = async (project: Project, text: string) => {
    const { Readable } = await import('node:stream');
    return project.run(['policy', 'hook', '--for', 'claude-code', '--ai', 'claude'], { stdin: Readable.from([text]) });
  };

  it('answers in the words of the agent, and records the decision', () =>
    withProject({}, async (project) => {
      const said = async (tool: string, input: object) =>
        JSON.parse((await hook(project, call(tool, input, project.root))).stdout).hookSpecificOutput.permissionDecision;
      expect(await said('Bash', { command: 'git status' })).toBe('allow');
      expect(await said('Bash', { command: 'git push' })).toBe('ask');
      expect(await said('Read', { file_path: join(project.root, '.env') })).toBe('deny');
      expect(await said('Write', { file_path: 'src/b.txt' })).toBe('allow');
      const { decisions } = await project.ask<{ decisions: unknown[] }>(
        'policy',
        'decisions',
        'list',
        '--actor',
        'ai:claude',
      );
      expect(decisions).toHaveLength(4);
    }));

  it.each([
    ['no JSON', 'nonsense'],
    ['no call', '{}'],
    ['a call of nothing', call('Bash', {}, '/')],
  ])('refuses %s with the exit code that counts as a refusal', (_, text) =>
    withProject({}, async (project) => {
      const { exitCode, stdout, stderr } = await hook(project, text);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^Refused, since policy could not be asked: /);
    }),
  );
});
