import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeSandbox } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { fixture } from '@signalbox/testkit';
import { registerAI, type Signalbox } from '../../src/index.js';
import { type Project, type ScriptedTurn, USER } from './bench.js';

const probe = await probeSandbox({ environment: { PATH: process.env['PATH'] ?? '' }, clock: systemClock });

/** Why the tests with a real sandbox cannot be run here; null when they can. */
export const whySkipped = probe.works ? null : probe.reason;

/** The project's environment, with a bubblewrap in it that does not work. */
export function withBrokenBubblewrap(project: Project): NodeJS.ProcessEnv {
  const broken = join(project.place, 'broken');
  mkdirSync(broken, { recursive: true });
  const script = '#!/bin/sh\necho "bwrap: No permissions to create a namespace" >&2\nexit 1\n';
  writeFileSync(join(broken, 'bwrap'), script, { mode: 0o755 });
  return { ...project.environment, PATH: `${broken}:${project.environment['PATH']}` };
}

/** Demands a sandbox in the configuration of the project, and agrees to it. */
export function demandSandbox(project: Project, more = ''): void {
  project.write('.ai/config.yaml', `${project.read('.ai/config.yaml')}\nsandbox: { mode: workspace-write${more} }\n`);
  project.trust();
}

/** Puts rules before those that `init` wrote, and agrees to them. */
export function addRules(project: Project, ...rules: string[]): void {
  const lines = rules.map((rule) => `  - ${rule}\n`).join('');
  project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${lines}`));
  project.trust();
}

/** The stand-in for claude, with its script where a sandbox shows it. */
export async function claudeInSight(project: Project, box: Signalbox, turns: ScriptedTurn[]): Promise<void> {
  project.write('claude.json', JSON.stringify({ turns }));
  project.environment['ANTHROPIC_API_KEY'] = 'none';
  project.environment['FAKE_CLAUDE_SCRIPT'] = join(project.root, 'claude.json');
  const config = { program: fixture('scripted-claude.mjs'), env: ['FAKE_CLAUDE_SCRIPT'] };
  await registerAI(box.executor, USER, { id: 'claude', connector: 'claude-code', config });
}

/** What came of the decisions about a task: what each was about, what was decided, and in which sandbox. */
export function outcomesOf(box: Signalbox, task: string): { action: string; decision: string; sandbox: unknown }[] {
  const entries = box.ledger.read({ subject: `task/${task}` });
  const decided = entries.filter(({ kind }) => kind === 'policy.decided').map(({ data }) => data);
  return entries
    .filter(({ kind }) => kind === 'policy.outcome')
    .map(({ data }) => {
      const about = decided.find(({ id }) => id === data['decision']) as unknown as {
        decision: string;
        request: { action: { name: string } };
      };
      return { action: about.request.action.name, decision: about.decision, sandbox: data['sandboxActual'] };
    });
}
