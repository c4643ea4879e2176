import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { earlierAttempt } from '../src/executor/earlier-attempt.js';
import type { Signalbox } from '../src/index.js';
import type { Attempt } from '../src/project/index.js';
import { add, execute, exists, scriptedClaude, withProject } from './support/bench.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function ended(more: Partial<Attempt> = {}): Attempt {
  return {
    ...{ id: 'att_1', task: 'tsk_1', number: 1, fence: 1, ai: 'claude', landing: null },
    ...{ startedAt: '2026-11-23T11:00:00Z', finishedAt: '2026-11-23T11:30:00Z', outcome: 'failed' },
    failure: { class: 'checks_failed', message: 'no' },
    data: { session: 's1', commit: 'abc' },
    ...more,
  };
}

describe('what an attempt builds on', () => {
  it.each<[string, Attempt[], string | null]>([
    ['nothing when it is the first', [], null],
    ['the session of one whose checks failed', [ended()], 's1'],
    ['nothing of one that another AI did', [ended({ ai: 'codex' })], null],
    ['nothing of one that broke its protocol', [ended({ failure: { class: 'invalid_output', message: '' } })], null],
    ['nothing of one that said it could not', [ended({ failure: { class: 'agent_error', message: '' } })], null],
    ['one that waited for an answer', [ended({ outcome: 'blocked', failure: null })], 's1'],
    ['nothing that is a day old', [ended({ finishedAt: '2026-11-22T11:00:00Z' })], null],
    ['nothing that has read too much', [ended({ data: { session: 's1', usage: { inputTokens: 500_000 } } })], null],
    ['a session that was resumed once', [ended(), ended({ data: { session: 's1', resumed: true } })], 's1'],
    ['nothing that was resumed twice', Array(2).fill(ended({ data: { session: 's1', resumed: true } })), null],
  ])('%s', (_name, attempts, session) => {
    expect(earlierAttempt(attempts, 'claude', NOW).session).toBe(session);
  });

  it('names the commit of the work before it, whoever did it', () => {
    expect(earlierAttempt([ended({ ai: 'codex' })], 'claude', NOW)).toEqual({
      session: null,
      commit: 'abc',
      gotLocks: [],
    });
  });
});

describe('a retry', () => {
  const promptOf = (box: Signalbox, attempt: string): string =>
    readFileSync(join(box.store.paths.traces, `${attempt}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"prompt"'))
      .join();

  it('goes on with the session of the attempt before it, and is told what failed and where its work is', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [
        { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/src/a.txt', content: 'wrong\n' } }] },
        { text: 'Done.' },
      ]);
      const task = await add(box, { checks: ['grep -q right src/a.txt'], maxAttempts: 3 });
      const first = await execute(box, task);
      expect(first.attempt.failure?.class).toBe('checks_failed');
      const [before] = await box.tasks.attempts(task.id);
      const kept = join(box.store.paths.sessions, task.id, 'claude');
      expect(exists(kept)).toBe(true);

      const second = await execute(box, task);
      const after = (await box.tasks.attempts(task.id))[1];
      expect(after?.data).toMatchObject({ resumed: true, session: before?.data['session'] });
      const prompt = promptOf(box, second.attempt.id);
      expect(prompt).toContain('The attempt before this one');
      expect(prompt).toContain(`git show ${before?.data['commit']}`);
      expect(prompt).toContain('exited with 1');

      await execute(box, task);
      expect((await box.tasks.get(task.id))?.status).toBe('failed');
      expect(exists(kept)).toBe(false);
    }));
});
