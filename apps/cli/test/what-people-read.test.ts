import { describe, expect, it } from '@jest/globals';
import { type Project, shellAI, withProject } from './support/project.js';

const POLICY = `version: 1
scope: project
default: allow
rules:
  - id: two-eyes
    effect: ask
    on: [task.create]
    when: subject.kind == "ai"
    obligations: [{ approval: "user:ana" }, { reviewer: not-author }]
    reason: Somebody else looks at what agents want to begin.
  - { id: no-fetch, effect: deny, on: [net.fetch] }
  - { id: some-fetch, effect: allow, on: [net.fetch], when: 'resource.host == "example.com"' }
`;

async function adopt(project: Project, policy: string): Promise<void> {
  project.write('.ai/policy.yaml', policy);
  await project.ask('trust', '--yes');
}

describe('what a person reads', () => {
  it('of a question: everything that is to be allowed, and who may answer', () =>
    withProject({}, async (project) => {
      await adopt(project, POLICY);
      await shellAI(project, ':');
      const { id } = await project.add('Begin', '--check', 'true');
      expect(id).toMatch(/^tsk_/);
      const environment = { ...project.environment, SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' };
      const wanted = ['task', 'create', 'More', '--description', 'Do more.', '--check', 'make', '--lock', 'src/**'];
      expect((await project.run([...wanted, '--json'], { environment })).exitCode).toBe(6);
      const { approvals } = await project.ask<{ approvals: { id: string }[] }>('approval', 'list');
      const shown = (await project.run(['approval', 'show', approvals[0]?.id ?? ''])).stdout;
      expect(shown).toMatch(/^ai:sh wants to /);
      expect(shown).toContain('to be answered by user:ana and somebody other than the author\n');
      expect(shown).toContain('asked by project/two-eyes; decision pdr_');
      expect(shown).toContain('  description: Do more.\n');
      expect(shown).toContain('  checks: ["make"]\n');
      expect(shown).not.toContain('labels:');
      expect(shown).toContain('Answer with `signalbox approval approve apr_');
    }));

  it('of a decision: what it obliges to, which rule was only looked at, and how it ended', () =>
    withProject({}, async (project) => {
      await adopt(project, POLICY);
      await shellAI(project, ':');
      const { id } = await project.add('Begin', '--check', 'true');
      const explained = await project.run(['policy', 'explain', 'task.create', '--set', 'type=chore', '--ai', 'sh']);
      expect(explained.stdout).toContain('project/two-eyes');
      const fetch = await project.run(['policy', 'explain', 'net.fetch', '--url', 'https://example.com/x']);
      expect(fetch.stdout).toMatch(/^deny /);
      expect(fetch.stdout).toContain('→ deny  project/no-fetch');
      const since = ['policy', 'decisions', 'list', '--since', '1h', '--limit', '50'];
      expect((await project.run([...since, '--task', id])).exitCode).toBe(0);
      expect((await project.run([...since, '--actor', 'ai:nobody'])).stdout).toBe('No decision is recorded.\n');
    }));

  it('of rules that contradict each other: where, with an example', () =>
    withProject({}, async (project) => {
      await adopt(project, POLICY);
      const { exitCode, stdout } = await project.run(['policy', 'check']);
      expect(exitCode).toBe(7);
      expect(stdout).toMatch(/^\.ai\/policy\.yaml:\d+:\d+ error: shadowed /m);
      expect(stdout).toContain('see also .ai/policy.yaml:');
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }));

  it('of a task: its budget in the units that it was given in', () =>
    withProject({}, async (project) => {
      const argv = ['task', 'create', 'Dear', '--budget-usd', '2.5', '--budget-tokens', '90000'];
      expect((await project.run(argv)).stdout).toContain('  budget: 2.5 USD, 90000 tokens\n');
      const refused = await project.run(['task', 'create', 'Dear', '--budget-usd', 'much', '--json']);
      expect([refused.exitCode, JSON.parse(refused.stderr).error.code]).toEqual([2, 'USAGE']);
    }));

  it('of a log: who did what, and to what where that is not the same in all lines', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('Look');
      const all = (await project.run(['audit', 'log', '--kind', 'task.created'])).stdout;
      expect(all).toMatch(new RegExp(`  task\\.created {7}user:\\S+ +Look task/${id}\\n$`));
      const own = (await project.run(['task', 'log', id])).stdout;
      expect(own).toMatch(/ {2}task\.created {7}user:\S+ +Look\n/);
      expect(own).not.toContain(id);
    }));

  it('of a replay: whether what was decided would be decided again', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const all = await project.run(['policy', 'replay', '--all']);
      expect(all.stdout).toMatch(/^(\d+) of \1 decisions agree, byte for byte\.\n$/);
      const nothing = await project.run(['policy', 'replay', '--json']);
      expect([nothing.exitCode, JSON.parse(nothing.stderr).error.code]).toEqual([2, 'USAGE']);
    }));
});
