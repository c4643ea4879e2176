import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { readStatus } from '../src/index.js';
import { COST_GROUPS, reportCost } from '../src/project/index.js';
import { add, execute, scriptedClaude, shellAI, withProject } from './support/bench.js';

const DAY_MS = 24 * 60 * 60_000;

describe('what work has cost', () => {
  it('adds up to the same, each attempt counted once, whatever it is put together by', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      await scriptedClaude(project, box, [{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
      await shellAI(box, 'true');
      const labels = { team: 'core', area: 'api' };
      const one = await add(box, { title: 'One', type: 'review', ai: 'claude', labels });
      const two = await add(box, { title: 'Two', checks: ['false'], ai: 'claude', labels: { team: 'core' } });
      const line = await add(box, { title: 'Line', type: 'command', run: { argv: ['true'] } });
      await execute(box, one);
      await execute(box, two);
      clock.advance(DAY_MS);
      await execute(box, two);
      await execute(box, line);

      const reports = await Promise.all(COST_GROUPS.map((by) => reportCost(box.tasks, { by })));
      for (const { rows, total, running } of reports) {
        expect(total).toMatchObject({ attempts: 4, usd: 0.09, untold: 0 });
        expect(rows.reduce((sum, row) => sum + row.attempts, 0)).toBe(4);
        expect(rows.reduce((sum, row) => sum + Math.round(row.usd * 1e6), 0)).toBe(90_000);
        expect(running).toBe(0);
      }
      const keys = reports.map(({ rows }) => rows.map(({ key, usd }) => [key, usd]));
      const [first, second] = [clock.now() - DAY_MS, clock.now()].map((at) => new Date(at).toISOString().slice(0, 10));
      expect(keys).toEqual([
        [
          [two.id, 0.06],
          [one.id, 0.03],
          [line.id, 0],
        ],
        [
          ['claude', 0.09],
          ['sh', 0],
        ],
        [
          ['team=core', 0.06],
          ['area=api, team=core', 0.03],
          ['-', 0],
        ],
        [
          [first, 0.06],
          [second, 0.03],
        ],
      ]);
      const team = await reportCost(box.tasks, { by: 'label', label: 'team' });
      expect(team.rows.map(({ key, usd }) => [key, usd])).toEqual([
        ['core', 0.09],
        ['-', 0],
      ]);
      const today = await readStatus(box.store, 'main', project.environment);
      expect(today.today).toMatchObject({ attempts: 2, usd: 0.03, untold: 0 });
    }));

  it('counts as untold who worked and did not say, and tokens of caches apart', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo I looked');
      await execute(box, await add(box, { type: 'review', ai: 'sh' }));
      const usage = {
        input_tokens: 3,
        cache_read_input_tokens: 40,
        cache_creation_input_tokens: 500,
        output_tokens: 6,
      };
      await scriptedClaude(project, box, [{ text: 'one' }], 'claude', { usage });
      await execute(box, await add(box, { type: 'review', ai: 'claude' }));
      const { total } = await reportCost(box.tasks, { by: 'ai' });
      expect(total).toMatchObject({ attempts: 2, usd: 0.01, untold: 1, turns: 1 });
      expect(total).toMatchObject({ inputTokens: 3, cacheReadTokens: 40, cacheWriteTokens: 500, outputTokens: 6 });
    }));
});
