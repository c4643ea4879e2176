import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { strictestOfAll } from '../src/budgets/budgets.js';
import { type BudgetPlan, type BudgetQuestion, planBudget } from '../src/budgets/plan-budget.js';
import { soundUsage } from '../src/budgets/used.js';
import { executeAll, type Signalbox } from '../src/index.js';
import type { Attempt } from '../src/project/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { openTrustStore } from '../src/project/trust.js';
import { add, execute, type Project, scriptedClaude, shellAI, USER, withProject } from './support/bench.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function attempt(data: JsonObject, more: Partial<Attempt> = {}): Attempt {
  return {
    ...{ id: 'att_1', task: 'tsk_1', number: 1, fence: 1, ai: 'claude', failure: null, landing: null },
    ...{ startedAt: '2026-11-23T11:00:00Z', finishedAt: '2026-11-23T11:10:00Z', outcome: 'failed', data },
    ...more,
  };
}

const cost = (costUsd: number): Attempt => attempt({ usage: { costUsd } });
const open = (usd: number): Attempt => attempt({ reserved: { usd } }, { finishedAt: null, outcome: null });

function plan(question: Partial<BudgetQuestion>) {
  const nothing = { budgets: {}, ai: 'claude', task: {}, attempt: {}, ofTask: [], today: [], now: NOW };
  return planBudget({ ...nothing, uses: ['usd', 'tokens', 'turns', 'timeMs'], ...question });
}

/** What another version of this program once had the user agree to; the file has changed since. */
function agreeTo(project: Project, text: string): void {
  const paths = projectPaths(project.root, findHome(project.environment));
  openTrustStore(paths.trust).grant(paths.config, text);
  project.write('.ai/config.yaml', 'version: 1\nbase: main\nbudgets: { attempt: { usd: 100 } }\n');
}

describe('what an attempt may use', () => {
  it.each<[string, Partial<BudgetQuestion>, BudgetPlan]>([
    ['anything where nothing is limited', {}, { limit: {} }],
    ['what an attempt gets', { budgets: { attempt: { usd: 2, turns: 9 } } }, { limit: { usd: 2, turns: 9 } }],
    ['the least of all that is said', { budgets: { attempt: { usd: 2 } }, attempt: { usd: 1 } }, { limit: { usd: 1 } }],
    ['what the task has left', { task: { usd: 5 }, ofTask: [cost(1.5), cost(2)] }, { limit: { usd: 1.5 } }],
    ['what the day has left', { budgets: { day: { usd: 9 } }, today: [cost(2), open(3)] }, { limit: { usd: 4 } }],
    [
      'nothing of what another AI has used of its own',
      { budgets: { ai: { usd: 9 } }, today: [{ ...cost(8), ai: 'codex' }] },
      { limit: { usd: 9 } },
    ],
    [
      'nothing once the task has used all',
      { task: { usd: 2 }, ofTask: [cost(2)] },
      { refused: 'the budget of the task is used up (2 USD of 2 USD)' },
    ],
    [
      'nothing when a whole attempt no longer fits into the day',
      { budgets: { attempt: { usd: 2 }, day: { usd: 3 } }, today: [open(2)] },
      { refused: 'the budget of the project for today has 1 USD left, and an attempt gets 2 USD' },
    ],
    [
      'what one AI is given by its name',
      {
        budgets: { ai: { tokens: 100 }, ais: { claude: { tokens: 50 } } },
        today: [attempt({ usage: { outputTokens: 20 } })],
      },
      { limit: { tokens: 30 } },
    ],
    [
      'what was reserved counts where an agent began and told nothing',
      { budgets: { day: { usd: 3 } }, today: [attempt({ reserved: { usd: 2 }, began: true, usage: {} })] },
      { limit: { usd: 1 } },
    ],
    [
      'and where an executor died with it',
      {
        budgets: { day: { usd: 3 } },
        today: [attempt({ reserved: { usd: 2 }, recovered: true }, { outcome: 'released' })],
      },
      { limit: { usd: 1 } },
    ],
    [
      'and where its lease was lost',
      { budgets: { day: { usd: 3 } }, today: [attempt({ reserved: { usd: 2 } }, { outcome: 'lost' })] },
      { limit: { usd: 1 } },
    ],
    ...(['blocked', 'released', 'failed'] as const).map((outcome): [string, Partial<BudgetQuestion>, BudgetPlan] => [
      `but not where no agent began (${outcome})`,
      { budgets: { day: { usd: 3 } }, today: [attempt({ reserved: { usd: 2 }, usage: {} }, { outcome })] },
      { limit: { usd: 3 } },
    ]),
    [
      'tokens of caches as well, and a miscount as what it is at most',
      {
        budgets: { day: { tokens: 2e12 } },
        today: [
          attempt({ usage: { inputTokens: 1, cacheReadTokens: 20, cacheWriteTokens: 300, outputTokens: 1e308 } }),
        ],
      },
      { limit: { tokens: 1e12 - 321 } },
    ],
    ['time by the clock', { task: { timeMs: 15 * 60_000 }, ofTask: [cost(0)] }, { limit: { timeMs: 5 * 60_000 } }],
    [
      'time alone for a run line',
      { budgets: { attempt: { usd: 1, timeMs: 1_000 } }, uses: ['timeMs'] },
      { limit: { timeMs: 1_000 } },
    ],
  ])('%s', (_name, question, expected) => {
    expect(plan(question)).toEqual(expected);
  });

  it('is counted from what an agent told, without what is no amount', () => {
    const told = { inputTokens: 1e308, outputTokens: -1, cacheReadTokens: Number.NaN, turns: 3, costUsd: 0.5 };
    expect(soundUsage(told)).toEqual({ inputTokens: 1e12, turns: 3, costUsd: 0.5 });
  });

  it('is the stricter of two sets of budgets', () => {
    const one = { attempt: { usd: 2 }, ais: { a: { usd: 1 } } };
    expect(strictestOfAll(one, { attempt: { usd: 3, turns: 4 }, ais: { a: { usd: 5 }, b: { usd: 6 } } })).toEqual({
      ...{ attempt: { usd: 2, turns: 4 }, task: {}, ai: {}, day: {} },
      ais: { a: { usd: 1 }, b: { usd: 6 } },
    });
  });
});

describe('budgets of a project', () => {
  const edit = { name: 'Write', input: { file_path: '{{cwd}}/src/a.txt', content: 'new\n' } };

  async function opened(project: Project, budgets: string): Promise<Signalbox> {
    project.write('.ai/config.yaml', `version: 1\nbase: main\nbudgets: ${budgets}\n`);
    project.trust();
    return project.open();
  }

  it('are reserved before an attempt starts, told to its agent, and kept with it', () =>
    withProject({}, async (project) => {
      const box = await opened(project, '{ attempt: { usd: 2, turns: 7, time: 20m }, day: { usd: 10 } }');
      await scriptedClaude(project, box, [{ tools: [edit] }, { text: 'Done.' }]);
      const { task } = await execute(box, await add(box, { checks: ['true'] }), { budget: { usd: 1 } });
      expect(task.status).toBe('done');
      const [kept] = await box.tasks.attempts(task.id);
      expect(kept?.data['reserved']).toEqual({ usd: 1, turns: 7, timeMs: 20 * 60_000 });
    }));

  it('keep a second attempt from starting while the first has the rest reserved', () =>
    withProject({}, async (project) => {
      const box = await opened(project, '{ attempt: { time: 20m }, day: { time: 30m } }');
      await shellAI(box, 'echo fine; echo more >> src/a.txt', 'one');
      await shellAI(box, 'echo fine; echo more >> src/a.txt', 'two');
      const first = await add(box, { type: 'review' });
      const second = await add(box, { type: 'review' });
      let refused = '';
      await execute(box, first, {
        on: ({ step }) => {
          if (step === 'agent' && refused === '') {
            refused = 'asked';
            void execute(box, second).catch((error: Error) => {
              refused = error.message;
            });
          }
        },
      });
      expect(refused).toContain(
        'the budget of the project for today has 10 minutes left, and an attempt gets 20 minutes',
      );
      expect((await execute(box, second)).attempt.outcome).not.toBeNull();
    }));

  it('end what goes on until nothing is left, and say so', () =>
    withProject({}, async (project) => {
      const box = await opened(project, '{ task: { usd: 0.5 } }');
      await scriptedClaude(project, box, [{ text: 'I did it.' }]);
      const task = await add(box, { checks: ['false'], budget: { usd: 0.000_001 } });
      await execute(box, task);
      await expect(execute(box, task)).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringContaining('the budget of the task is used up'),
      });
      const left = executeAll(box.executor, { actor: USER, concurrency: 1, onExecution() {} });
      await expect(left).rejects.toMatchObject({ code: 'NO_CANDIDATE' });
    }));

  it('keep away who does not tell what it costs', () =>
    withProject({}, async (project) => {
      const box = await opened(project, '{ attempt: { usd: 1 } }');
      await shellAI(box, 'cat');
      await expect(execute(box, await add(box, { type: 'review' }))).rejects.toThrow('does not tell what it costs');
      const line = await add(box, { run: { argv: ['true'] }, type: 'command' });
      expect((await execute(box, line)).task.status).toBe('done');
    }));

  it('hold on as they were agreed to while an edit of them is not', () =>
    withProject({}, async (project) => {
      await opened(project, '{ attempt: { usd: 1 } }');
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nbudgets: { attempt: { usd: 100, turns: 3 } }\n');
      const { config } = await project.open();
      expect(config.budgets.attempt).toEqual({ usd: 1, turns: 3 });
    }));

  it('hold on as they were agreed to though the rest of that text is of another version', () =>
    withProject({}, async (project) => {
      agreeTo(project, 'version: 1\nbase: main\nlater: true\nbudgets: { attempt: { usd: 1 } }\n');
      const { config } = await project.open();
      expect(config.budgets.attempt).toEqual({ usd: 1 });
    }));

  it('leave nothing to use where those that were agreed to cannot be read, until somebody agrees anew', () =>
    withProject({}, async (project) => {
      agreeTo(project, 'version: 1\nbase: main\nbudgets: { attempt: { gold: 1 } }\nsandbox: { mode: none }\n');
      const box = await project.open();
      expect(box.config.budgets.day).toEqual({ usd: 0, tokens: 0, turns: 0, timeMs: 0 });
      expect(box.config.sandbox).toEqual({ mode: 'workspace-write', writable: [], network: false });
      await shellAI(box, 'echo b > src/b.txt');
      await expect(execute(box, await add(box, { checks: ['true'] }))).rejects.toThrow();
      project.trust();
      expect((await project.open()).config.budgets).toEqual({ attempt: { usd: 100 } });
    }));

  it.each([
    ['{ attempt: { usd: 0 } }', 'budgets.attempt.usd'],
    ['{ attempt: { time: soon } }', 'must be a duration'],
    ['{ week: { usd: 1 } }', 'week'],
    ['{ __proto__: { usd: 1 } }', 'config.yaml:3:12: there is no key "__proto__"'],
    ['{ ais: { "__proto__": { usd: 1 } } }', 'there is no key "__proto__"'],
  ])('that make no sense are refused with their place: %s', (budgets, told) =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', `version: 1\nbase: main\nbudgets: ${budgets}\n`);
      await expect(project.open()).rejects.toThrow(told);
    }),
  );
});
