import { describe, expect, it } from '@jest/globals';
import { choose, trackRecord } from '../src/index.js';
import { candidate } from './support/candidates.js';

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the record of an AI', () => {
  it('is which part of its judged attempts succeeded, and the median of what they cost', () => {
    const attempts = [
      ...times(6, { failure: null, costUsd: 0.2 }),
      ...times(2, { failure: 'checks_failed', costUsd: 3 }),
      ...times(9, { failure: 'rate_limited' }),
    ];
    expect(trackRecord(attempts)).toEqual({ success: 0.8, costUsd: 0.2 });
  });

  it('says nothing of success while there are few, nor of a cost that nobody told', () => {
    expect(trackRecord(times(4, { failure: null }))).toEqual({ success: null, costUsd: null });
    expect(trackRecord([])).toEqual({ success: null, costUsd: null });
  });

  it('decides between AIs that are alike otherwise, and counts less than a label', () => {
    const need = { pin: null, capabilities: [], labels: { area: 'api' } };
    const good = { ...candidate('good'), record: { success: 1, costUsd: 1 } };
    const cheap = { ...candidate('cheap'), record: { success: 1, costUsd: 0.1 } };
    const bad = { ...candidate('bad'), record: { success: 0, costUsd: 0.1 } };
    const fresh = candidate('fresh');
    const order = choose(need, [bad, fresh, good, cheap]).ranking.map(({ ai }) => ai);
    expect(order).toEqual(['cheap', 'good', 'fresh', 'bad']);
    const labelled = { ...bad, ai: { ...bad.ai, labels: { area: 'api' } } };
    expect(choose(need, [labelled, cheap]).chosen?.id).toBe('bad');
  });
});
