import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AIStatus, Candidate, Health, RoutingNeed } from '../src/index.js';
import { choose, describeChoice, findReturn } from '../src/index.js';
import { candidate, route } from './support/candidates.js';

const NOW = 1_767_225_600_000;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const word = fc.constantFrom('x', 'y');
const labels = fc.dictionary(fc.constantFrom('team', 'area'), word, { noNullPrototype: true });
const capabilities = fc.subarray(['edit', 'shell']);
const time = fc.integer({ min: 1, max: 3 }).map((day) => new Date(NOW + day * 86_400_000).toISOString());

const health: fc.Arbitrary<Health> = fc.oneof(
  fc
    .record({ cause: fc.constantFrom('quota' as const, 'failures' as const), until: fc.integer({ min: 1, max: 9 }) })
    .map(({ cause, until }): Health => ({ state: 'open', cause, reason: 'it failed', until: NOW + until })),
  fc.constant<Health>({ state: 'half-open', cause: 'failures', reason: 'it failed', until: null }),
  fc.constant<Health>({ state: 'closed', cause: null, reason: null, until: null }),
);

const anyCandidate = (id: string): fc.Arbitrary<Candidate> =>
  fc
    .record({
      ...{
        labels,
        capabilities,
        maxConcurrent: fc.integer({ min: 1, max: 3 }),
        running: fc.integer({ min: 0, max: 3 }),
      },
      status: fc.constantFrom<AIStatus>('online', 'online', 'online', 'busy', 'paused', 'offline', 'error'),
      unfit: fc.constantFrom(null, null, null, 'it is not installed'),
      lastSeen: fc.option(time),
      health: fc.option(health, { nil: undefined }),
    })
    .map(({ running, unfit, health, ...ai }) =>
      candidate(id, ai, { running, unfit, ...(health === undefined ? {} : { health }) }),
    );

const candidates = fc.subarray(IDS).chain((ids) => fc.tuple(...ids.map(anyCandidate)));
const need: fc.Arbitrary<RoutingNeed> = fc.record({
  ...{ labels, capabilities, pin: fc.constantFrom(null, null, null, ...IDS) },
});

describe('any choice', () => {
  it('is of one that nothing speaks against, and of somebody if there is one', () => {
    fc.assert(
      fc.property(need, candidates, (need, candidates) => {
        const { chosen, ranking } = choose(need, candidates);
        const left = ranking.filter(({ removed }) => removed === null).map(({ ai }) => ai);
        expect(chosen?.id).toBe(left[0]);
        expect(ranking.map(({ ai }) => ai).sort()).toEqual(candidates.map(({ ai }) => ai.id));
        for (const { removed, reasons } of ranking.flatMap((each) => (each.removed === null ? [] : [each]))) {
          expect(reasons[0]?.message).toBe(removed);
        }
      }),
    );
  });

  it('never goes against a hard constraint', () => {
    fc.assert(
      fc.property(need, candidates, (need, candidates) => {
        const { chosen } = choose(need, candidates);
        const of = candidates.find(({ ai }) => ai === chosen);
        if (!of) return;
        expect([null, of.ai.id]).toContain(need.pin);
        expect(['online', 'busy']).toContain(of.ai.status);
        expect(of.ai.capabilities).toEqual(expect.arrayContaining([...need.capabilities]));
        expect(of.unfit).toBeNull();
        expect(of.health?.state).not.toBe('open');
        expect(of.running).toBeLessThan(of.health?.state === 'half-open' ? 1 : of.ai.maxConcurrent);
      }),
    );
  });

  it('stays when one that lost is taken away', () => {
    fc.assert(
      fc.property(need, candidates, fc.nat(), (need, candidates, n) => {
        const { chosen } = choose(need, candidates);
        const losers = candidates.filter(({ ai }) => ai !== chosen);
        const gone = losers[n % Math.max(1, losers.length)];
        expect(
          choose(
            need,
            candidates.filter((each) => each !== gone),
          ).chosen,
        ).toBe(chosen);
      }),
    );
  });

  it('is the same, with the same explanation, whatever the order of the candidates', () => {
    const shuffled = candidates.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
    );
    fc.assert(
      fc.property(need, shuffled, (need, [all, mixed]) => {
        expect(choose(need, mixed)).toEqual(choose(need, all));
      }),
    );
  });

  it('is explained in one line for each candidate, and as data that survives JSON', () => {
    fc.assert(
      fc.property(need, candidates, (need, candidates) => {
        const choice = choose(need, candidates);
        expect(JSON.parse(JSON.stringify(choice.ranking))).toEqual(choice.ranking);
        const lines = describeChoice(choice);
        const away = choice.ranking.filter(({ removed }) => removed?.startsWith('the task is pinned to'));
        expect(lines).toHaveLength(candidates.length - Math.max(0, away.length - 1));
        expect(lines.filter((line) => line.includes(': chosen, '))).toHaveLength(choice.chosen ? 1 : 0);
        expect(findReturn(choice) ?? NOW).toBeGreaterThanOrEqual(NOW);
      }),
    );
  });
});

describe('a hundred equal assignments', () => {
  const spread = (counts: Map<string, number>): number => Math.max(...counts.values()) - Math.min(...counts.values());

  it.each([2, 3, 7])('differ by one at most over %d AIs when each ends before the next begins', (n) => {
    const ids = IDS.concat('g').slice(0, n);
    const counts = new Map(ids.map((id) => [id, 0]));
    const seen = new Map<string, string>();
    for (let turn = 0; turn < 100; turn++) {
      const { chosen } = route(ids.map((id) => candidate(id, { lastSeen: seen.get(id) ?? null })));
      const id = String(chosen?.id);
      counts.set(id, (counts.get(id) ?? 0) + 1);
      seen.set(id, new Date(NOW + turn).toISOString());
      expect(spread(counts)).toBeLessThanOrEqual(1);
    }
  });

  it.each([2, 3, 7])('differ by one at most over %d AIs when none ends', (n) => {
    const ids = IDS.concat('g').slice(0, n);
    const running = new Map(ids.map((id) => [id, 0]));
    for (let turn = 0; turn < 100; turn++) {
      const { chosen } = route(
        ids.map((id) => candidate(id, { maxConcurrent: 100 }, { running: running.get(id) ?? 0 })),
      );
      running.set(String(chosen?.id), (running.get(String(chosen?.id)) ?? 0) + 1);
      expect(spread(running)).toBeLessThanOrEqual(1);
    }
  });
});
