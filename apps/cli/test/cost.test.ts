import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fixture } from '@signalbox/testkit';
import { type Project, shellAI, withProject } from './support/project.js';

/** Registers a stand-in for claude that says one sentence, and what it cost. */
async function costlyAI(project: Project, id: string, usd: number, tokens: number): Promise<void> {
  const script = join(project.place, `${id}.json`);
  const usage = { input_tokens: tokens, output_tokens: 7 };
  writeFileSync(script, JSON.stringify({ turns: [{ text: 'Looked.' }], result: { total_cost_usd: usd, usage } }));
  project.environment['ANTHROPIC_API_KEY'] = 'none';
  const program = join(project.place, id);
  writeFileSync(
    program,
    `#!/bin/sh\nFAKE_CLAUDE_SCRIPT=${script} exec ${process.execPath} ${fixture('scripted-claude.mjs')} "$@"\n`,
    { mode: 0o755 },
  );
  await project.ask('ai', 'register', id, '--connector', 'claude-code', '--config', `program=${program}`);
}

async function review(project: Project, title: string, ai: string, ...more: string[]): Promise<string> {
  const { id } = await project.add(title, '--type', 'review', '--ai', ai, ...more);
  expect((await project.run(['task', 'execute', id])).exitCode).toBe(0);
  return id;
}

const shown = async (project: Project, ...argv: string[]): Promise<string[]> =>
  (await project.run(['cost', ...argv])).stdout.trimEnd().split('\n');

describe('signalbox cost', () => {
  it('says that nothing has ended, before anything has', () =>
    withProject({}, async (project) => {
      expect(await shown(project)).toEqual(['No attempt has ended.']);
    }));

  it('puts costs together as asked, in figures that a person can read', () =>
    withProject({}, async (project) => {
      await costlyAI(project, 'dear', 1.5, 12_345);
      await costlyAI(project, 'cheap', 0.00042, 23_000_000);
      const one = await review(project, 'Look at it', 'dear', '--label', 'team=core', '--label', 'area=api');
      const two = await review(project, 'Look again', 'cheap', '--label', 'team=web');

      const cells = (lines: string[]): string[][] => lines.map((line) => line.trim().split(/ {2,}/));
      expect(cells(await shown(project))).toEqual([
        ['TASK', 'USD', 'TOKENS IN', 'OUT', 'ATTEMPTS', 'TITLE'],
        [one, '1.50', '12k', '7', '1', 'Look at it'],
        [two, '0.00042', '23M', '7', '1', 'Look again'],
        ['all', '1.50', '23M', '14', '2'],
      ]);
      expect(cells(await shown(project, '--by', 'ai')).map(([key, usd]) => [key, usd])).toEqual([
        ['AI', 'USD'],
        ['dear', '1.50'],
        ['cheap', '0.00042'],
        ['all', '1.50'],
      ]);
      expect(cells(await shown(project, '--by', 'label')).map(([key]) => key)).toEqual([
        'LABELS',
        'area=api, team=core',
        'team=web',
        'all',
      ]);
      expect(cells(await shown(project, '--by', 'label', '--label', 'team')).map(([key]) => key)).toEqual([
        ...['LABELS', 'core', 'web', 'all'],
      ]);
      const [head, day] = cells(await shown(project, '--by', 'day', '--since', '2020-01-01'));
      expect(head?.[0]).toBe('DAY (UTC)');
      expect(day?.[0]).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(await shown(project, '--until', '2020-01-01')).toEqual(['No attempt has ended.']);
    }));

  it('says whose costs are not known, within 80 columns', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo I looked');
      await review(project, 'A title that is long enough to be cut where the terminal of its reader ends', 'sh');
      const lines = await shown(project);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(lines.slice(1, 3).map((line) => line.trim().split(/ {2,}/)[1])).toEqual(['-', '-']);
      expect(lines.at(-1)).toBe('The agents of 1 of 1 attempts did not tell what they cost.');
    }));

  it.each([
    ['--by', 'colour'],
    ['--label', 'team'],
    ['--since', 'soon'],
  ])('refuses %s %s', (...argv) =>
    withProject({}, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['cost', ...argv, '--json']);
      expect({ exitCode, stdout, code: JSON.parse(stderr).error.code }).toEqual({
        ...{ exitCode: 2, stdout: '', code: 'USAGE' },
      });
    }),
  );
});
