import { expect } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { type FakeOpenAI, type FakeTurn, type OpenAIScenario, realCodex, startFakeOpenAI } from '@signalbox/testkit';
import { codexConnector, findMarked } from '../src/index.js';
import { type RunBench, withRun } from './run-bench.js';

export const program = realCodex();
// A start of the real program takes half a second, many times more on a busy machine.
export const SLOW_MS = 60_000;
const SECRET = 'key-of-the-test-9f2c';

export const scripted = (...turns: FakeTurn[]): string => `Go. <fake-model>${JSON.stringify(turns)}</fake-model>`;
export const shell = (cmd: string): FakeTurn => ({ tool: { name: 'exec_command', input: { cmd } } });
export const patch = (...lines: string[]): FakeTurn =>
  shell(['apply_patch <<"PATCH"', '*** Begin Patch', ...lines, '*** End Patch', 'PATCH'].join('\n'));

/** Runs a test with the real program against a scripted provider. */
export function withReal(
  scenario: OpenAIScenario,
  test: (bench: RunBench, fake: FakeOpenAI) => Promise<void>,
): Promise<void> {
  return withRun(async (bench) => {
    const fake = await startFakeOpenAI({ scenario });
    try {
      const { environment, scratch } = bench.request;
      bench.request.environment = { ...environment, OPENAI_API_KEY: SECRET, HOME: scratch };
      bench.request.config = { program, model: 'fake-model', baseUrl: fake.url };
      await test(bench, fake);
      expect(findMarked(bench.attempt)).toEqual([]);
    } finally {
      await fake.close();
    }
  });
}

/** Whether codex can set its sandbox up here: it needs user namespaces, which some containers forbid. */
async function sandboxWorks(): Promise<boolean> {
  const environment = { PATH: process.env['PATH'] ?? '' };
  const report = await codexConnector.probe({ config: { program }, environment, clock: systemClock });
  return !report.problems.some((problem) => problem.message.includes('sandbox'));
}

/** Why the tests with the real program cannot be run here; null when they can. */
export async function whySkipped(): Promise<string | null> {
  if (program === null) return 'The real codex program is not installed (npm run agents:install)';
  return (await sandboxWorks()) ? null : 'The sandbox of codex does not work here';
}
