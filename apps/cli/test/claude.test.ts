import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FakeTurn, realClaude, startFakeAnthropic } from '@signalbox/testkit';
import { nothingLeft, runBinary } from './support/binary.js';
import { checkoutOfProject } from './support/checkout.js';
import { withProject } from './support/project.js';

const program = realClaude();
// A cold start of the real program takes two seconds, more on a busy machine.
const SLOW_MS = 60_000;

const TURNS: FakeTurn[] = [
  { tool: { name: 'Read', input: { file_path: '{{cwd}}/README.md' } } },
  { tool: { name: 'Bash', input: { command: 'git push --force origin main' } } },
  { tool: { name: 'Write', input: { file_path: '{{cwd}}/src/hello.txt', content: 'hello\n' } } },
  { text: 'Written; I was not let push.' },
];

if (program === null) {
  console.log('The real claude program is not installed (npm run agents:install): its test is left out.');
  describe('a task for the real claude, through the binary', () => {
    it('is not tested here', () => expect(program).toBeNull());
  });
} else {
  describe('a task for the real claude, through the binary', () => {
    it(
      'lands its edit, with what policy denied on the record',
      () =>
        withProject({}, async (project) => {
          const fake = await startFakeAnthropic({ scenario: { scripts: [{ prompt: 'say hello', turns: TURNS }] } });
          const login = { ANTHROPIC_BASE_URL: fake.url, ANTHROPIC_API_KEY: 'sk-ant-dummy' };
          Object.assign(project.environment, login);
          const checkout = checkoutOfProject(project);
          const settings = ['--config', `program=${program}`, '--config', 'model=claude-fake-1'];
          await project.ask('ai', 'register', 'claude', '--connector', 'claude-code', ...settings);
          const { id } = await project.add(
            'Say hello',
            '--description',
            'Please say hello.',
            '--check',
            'grep -rq hello src',
          );
          const { exitCode, stdout } = await runBinary(project, ['task', 'execute', id, '--json']);
          await fake.close();
          await nothingLeft(project);

          expect(JSON.parse(stdout)).toMatchObject({
            task: { status: 'done' },
            attempt: { ai: 'claude', outcome: 'succeeded', failure: null, usage: { turns: TURNS.length } },
            verdict: { pass: true },
          });
          expect(exitCode).toBe(0);
          expect(project.git('show', 'signalbox/integration:src/hello.txt')).toBe('hello');
          expect(project.git('log', '-1', '--format=%an', 'signalbox/integration')).toBe('claude');
          expect(checkoutOfProject(project)).toEqual(checkout);

          const { entries } = await project.ask<{ entries: Decided[] }>(
            'audit',
            'log',
            '--task',
            id,
            '--kind',
            'policy.decided',
          );
          const decided = entries.filter(({ actor }) => actor === 'ai:claude').map(({ data }) => data);
          expect(decided.map(({ decision, request }) => `${decision} ${request.action.name}`)).toEqual([
            ...['allow file.read', 'deny shell.run', 'allow file.write', 'allow shell.run'],
          ]);
          expect(decided[1]).toMatchObject({
            request: { action: { command: 'git push --force origin main' } },
            determining: ['project/guard-force-push'],
          });
          expect(
            fake.requests.some(({ toolResult }) => toolResult?.includes('Published history is not rewritten')),
          ).toBe(true);
          expect(readFileSync(join(project.root, '.ai/config.yaml'), 'utf8')).not.toContain('sk-ant-dummy');
        }),
      SLOW_MS,
    );
  });
}

interface Decided {
  actor: string;
  data: { decision: string; request: { action: { name: string } } };
}
