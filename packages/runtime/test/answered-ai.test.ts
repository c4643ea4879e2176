import { describe, expect, it } from '@jest/globals';
import type { Signalbox } from '../src/index.js';
import { executeTask, explainRoute } from '../src/index.js';
import { answer, questions } from './support/approvals.js';
import { add, execute, shellAI, USER, withProject } from './support/bench.js';

const fetching = (box: Signalbox) => add(box, { run: { shell: 'git fetch nowhere' }, maxAttempts: 9 });

/** Three AIs of which each is as good as the others for any line. */
async function alike(box: Signalbox): Promise<void> {
  for (const id of ['one', 'two', 'three']) await shellAI(box, 'unused', id);
}

describe('a task about which an AI has asked', () => {
  it('goes back to that AI, so that one answer is enough however many could do it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await alike(box);
      const { id } = await fetching(box);
      const first = await execute(box, id);
      expect(first.task.status).toBe('blocked');
      await answer(box);
      const { chosen, ranking } = await explainRoute(box.executor, id, null);
      expect(chosen).toBe(first.attempt.ai);
      const [{ id: approval } = { id: '' }] = await questions(box);
      expect(ranking.filter(({ ai }) => ai !== first.attempt.ai).map(({ removed }) => removed)).toEqual([
        ...Array(2).fill(`${first.attempt.ai} asked ${approval}, and the answer is for it alone`),
      ]);
      const second = await executeTask(box.executor, { actor: USER });
      expect([second.task.id, second.attempt.ai, second.attempt.outcome]).toEqual([id, first.attempt.ai, 'failed']);
      expect(await questions(box)).toHaveLength(1);
    }));

  it('stays with it while the answer holds for the task, and is free again once an answer for once is used', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await alike(box);
      const { id } = await fetching(box);
      const { attempt } = await execute(box, id);
      await answer(box, { scope: 'task' });
      for (let n = 0; n < 3; n++) expect((await execute(box, id)).attempt.ai).toBe(attempt.ai);
      expect(await questions(box)).toHaveLength(1);

      const other = await fetching(box);
      const asked = await execute(box, other);
      await answer(box);
      expect((await execute(box, other)).attempt.ai).toBe(asked.attempt.ai);
      const { ranking } = await explainRoute(box.executor, other.id, null);
      expect(ranking.every(({ removed }) => removed === null)).toBe(true);
    }));

  it('goes to another one where that AI is gone or cannot do it any more', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await alike(box);
      const { id } = await fetching(box);
      const { attempt } = await execute(box, id);
      await answer(box);
      await box.store.ais.pause(attempt.ai, { reason: 'rest' }, () => []);
      const next = await execute(box, id);
      expect(next.attempt.ai).not.toBe(attempt.ai);
      expect(next.task.status).toBe('blocked');
    }));
});
