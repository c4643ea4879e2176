import { describe, expect, it } from '@jest/globals';
import { type AIInstance, type Candidate, type Choice, choose, parseAI, type RoutingNeed } from '../src/index.js';

function candidate(id: string, ai: Partial<AIInstance> = {}, more: Partial<Candidate> = {}): Candidate {
  const parsed = parseAI({ id, connector: 'command' }, '2026-01-01T00:00:00.000Z');
  return { ai: { ...parsed, ...ai }, running: 0, unfit: null, ...more };
}

function route(candidates: Candidate[], need: Partial<RoutingNeed> = {}): Choice {
  return choose({ pin: null, capabilities: [], labels: {}, ...need }, candidates);
}

const order = (choice: Choice): string[] => choice.ranking.map(({ ai }) => ai);
const removals = (choice: Choice): Record<string, string | null> =>
  Object.fromEntries(choice.ranking.map(({ ai, removed }) => [ai, removed]));

describe('choosing an AI', () => {
  it('chooses nobody when there is nobody', () => {
    expect(route([])).toEqual({ chosen: null, ranking: [] });
  });

  it('chooses nobody when every candidate is removed', () => {
    const choice = route([candidate('a', { status: 'offline' }), candidate('b', {}, { unfit: 'it is not installed' })]);
    expect(choice.chosen).toBeNull();
    expect(choice.ranking).toEqual([
      {
        ...{ ai: 'a', lastUsed: null, removed: 'it is offline', score: null, parts: null },
        reasons: [{ kind: 'status', message: 'it is offline', until: null }],
      },
      {
        ...{ ai: 'b', lastUsed: null, removed: 'it is not installed', score: null, parts: null },
        reasons: [{ kind: 'unfit', message: 'it is not installed', until: null }],
      },
    ]);
  });

  it('keeps to the AI that the task is pinned to, however well others fit', () => {
    const others = candidate('a', { labels: { team: 'core' } });
    const choice = route([others, candidate('b')], { pin: 'b', labels: { team: 'core' } });
    expect(choice.chosen?.id).toBe('b');
    expect(removals(choice)).toEqual({ a: 'the task is pinned to b', b: null });
    expect(route([others], { pin: 'b' }).chosen).toBeNull();
  });

  it('removes an AI that is paused, offline or in error, but not a busy one', () => {
    const choice = route(
      (['online', 'busy', 'paused', 'offline', 'error'] as const).map((status) => candidate(status, { status })),
    );
    expect(removals(choice)).toEqual({
      online: null,
      busy: null,
      paused: 'it is paused',
      offline: 'it is offline',
      error: 'it is in error',
    });
  });

  it('removes an AI that lacks a capability, and says which', () => {
    const choice = route(
      [
        candidate('bare'),
        candidate('some', { capabilities: ['edit'] }),
        candidate('all', { capabilities: ['edit', 'shell', 'web'] }),
      ],
      { capabilities: ['shell', 'edit'] },
    );
    expect(choice.chosen?.id).toBe('all');
    expect(removals(choice)).toEqual({ all: null, bare: 'it lacks shell, edit', some: 'it lacks shell' });
  });

  it('removes an AI that runs as much as it may', () => {
    const choice = route([
      candidate('full', { maxConcurrent: 2 }, { running: 2 }),
      candidate('free', { maxConcurrent: 2 }, { running: 1 }),
    ]);
    expect(choice.chosen?.id).toBe('free');
    expect(removals(choice)).toEqual({ free: null, full: 'it runs 2 of 2 already' });
  });

  it('gives the first of several reasons, the one that no waiting mends before the others', () => {
    const choice = route([candidate('a', { status: 'paused' }, { unfit: 'no', running: 1 })], {
      pin: 'b',
      capabilities: ['x'],
    });
    expect(removals(choice)).toEqual({ a: 'the task is pinned to b' });
  });

  it('scores labels in common and free capacity, and shows the parts', () => {
    const choice = route(
      [
        candidate('idle', { maxConcurrent: 4 }, { running: 0 }),
        candidate('team', { labels: { team: 'core', area: 'web' }, maxConcurrent: 4 }, { running: 3 }),
        candidate('both', { labels: { team: 'core', area: 'api' }, maxConcurrent: 4 }, { running: 2 }),
      ],
      { labels: { team: 'core', area: 'api', other: 'x' } },
    );
    expect(choice.chosen?.id).toBe('both');
    const unknown = { success: 0.25, cost: 0 };
    expect(choice.ranking).toEqual([
      { ai: 'both', lastUsed: null, removed: null, score: 2.75, parts: { labels: 2, load: 0.5, ...unknown } },
      { ai: 'team', lastUsed: null, removed: null, score: 1.5, parts: { labels: 1, load: 0.25, ...unknown } },
      { ai: 'idle', lastUsed: null, removed: null, score: 1.25, parts: { labels: 0, load: 1, ...unknown } },
    ]);
  });

  it('does not take the same label with another value for one in common', () => {
    const choice = route([candidate('a', { labels: { team: 'web' } })], { labels: { team: 'core' } });
    expect(choice.ranking[0]?.parts).toEqual({ labels: 0, load: 1, success: 0.25, cost: 0 });
  });

  it('gives a tie to the least recently used, one never used first, then by id', () => {
    const candidates = [
      candidate('late', { lastSeen: '2026-01-03T00:00:00.000Z' }),
      candidate('z-new'),
      candidate('early', { lastSeen: '2026-01-02T00:00:00.000Z' }),
      candidate('a-new'),
    ];
    expect(order(route(candidates))).toEqual(['a-new', 'z-new', 'early', 'late']);
    expect(order(route(candidates.toReversed()))).toEqual(['a-new', 'z-new', 'early', 'late']);
    expect(route(candidates).chosen).toBe(candidates[3]?.ai);
  });

  it('changes nothing that it was given', () => {
    const candidates = [candidate('b'), candidate('a')];
    const before = structuredClone(candidates);
    route(candidates);
    expect(candidates).toEqual(before);
  });
});
