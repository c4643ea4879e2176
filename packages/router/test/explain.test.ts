import { describe, expect, it } from '@jest/globals';
import { type Choice, describeChoice, findReturn, type Health, isAIId, placesOf, statusOf } from '../src/index.js';
import { ai, candidate, route } from './support/candidates.js';

const NOW = Date.parse('2026-01-01T00:00:00.000Z');
const LATER = '2026-01-01T05:00:00.000Z';
const quota: Health = { state: 'open', cause: 'quota', reason: 'its quota is used up', until: Date.parse(LATER) };
const open: Health = { state: 'open', cause: 'failures', reason: 'its log-in was refused', until: NOW + 60_000 };
const trial: Health = { state: 'half-open', cause: 'failures', reason: 'it failed once (crashed)', until: null };
const closed: Health = { state: 'closed', cause: null, reason: null, until: null };

function reasons(choice: Choice): unknown {
  const [ranked] = choice.ranking;
  return ranked?.removed === null ? null : ranked?.reasons.map(({ kind, message, until }) => [kind, message, until]);
}

describe('the reasons against an AI', () => {
  it('name a pause with its reason and its end', () => {
    const paused = { status: 'paused', pauseReason: 'Maintenance.', pausedUntil: LATER } as const;
    expect(reasons(route([candidate('a', paused)]))).toEqual([
      ['pause', `it is paused until ${LATER}: Maintenance`, LATER],
    ]);
    expect(reasons(route([candidate('a', { status: 'paused', pauseReason: 'Wait' })]))).toEqual([
      ['pause', 'it is paused: Wait', null],
    ]);
  });

  it('name a used-up quota, an open breaker and a trial under way', () => {
    expect(reasons(route([candidate('a', {}, { health: quota })]))).toEqual([
      ['quota', `its quota is used up until ${LATER}`, LATER],
    ]);
    const rest = '2026-01-01T00:01:00.000Z';
    expect(reasons(route([candidate('a', {}, { health: open })]))).toEqual([
      ['breaker', `its log-in was refused, so it rests until ${rest}`, rest],
    ]);
    const four = { maxConcurrent: 4 };
    const onTrial = 'it runs 1 already, and gets one at a time until one succeeds: it failed once (crashed)';
    expect(reasons(route([candidate('a', four, { health: trial, running: 1 })]))).toEqual([['breaker', onTrial, null]]);
    const limited: Health = { ...trial, cause: 'quota' };
    expect(reasons(route([candidate('a', four, { health: limited, running: 1 })]))).toEqual([['quota', onTrial, null]]);
    expect(route([candidate('a', four, { health: trial })]).chosen?.id).toBe('a');
    expect(route([candidate('a', four, { health: closed, running: 3 })]).chosen?.id).toBe('a');
  });

  it('name what its probe found to be otherwise than declared, and what is wrong with it', () => {
    const probe = {
      ...{ at: LATER, ok: true, version: '1', capabilities: [], lacks: ['resume', 'usage'] },
      problems: [{ message: 'It cannot log in.', hint: 'Log in.' }],
    };
    const need = { capabilities: ['edit', 'resume', 'web'] };
    expect(reasons(route([candidate('a', { capabilities: ['edit', 'resume'], probe })], need))).toEqual([
      ['capability', 'it lacks web', null],
      ['capability', 'it declares resume, but its probe found otherwise', null],
    ]);
    const found = { ...probe, lacks: [] };
    expect(
      route([candidate('a', { capabilities: ['edit'], probe: found })], { capabilities: ['edit'] }).chosen,
    ).not.toBe(null);
    expect(reasons(route([candidate('a', { status: 'error', probe })]))).toEqual([
      ['status', 'it is in error: It cannot log in', null],
    ]);
  });

  it('are all told, what no waiting mends first; a pin to another stands alone', () => {
    const bad = candidate('a', { status: 'paused' }, { unfit: 'it is not installed', running: 1, health: quota });
    const kinds = (choice: Choice) => (reasons(choice) as string[][]).map(([kind]) => kind);
    expect(kinds(route([bad], { capabilities: ['x'] }))).toEqual([
      ...['capability', 'unfit', 'pause', 'quota', 'concurrency'],
    ]);
    expect(kinds(route([bad], { pin: 'b' }))).toEqual(['pin']);
  });
});

describe('the time at which somebody comes back', () => {
  it('is the first end of all that keeps one of them away', () => {
    const soon = { status: 'paused', pausedUntil: '2026-01-01T01:00:00.000Z' } as const;
    expect(findReturn(route([candidate('a', soon, { health: quota }), candidate('b', {}, { health: quota })]))).toBe(
      Date.parse(LATER),
    );
    expect(findReturn(route([candidate('a', soon), candidate('b', {}, { health: quota })]))).toBe(NOW + 3_600_000);
  });

  it('is none where time alone mends nothing', () => {
    expect(findReturn(route([]))).toBeNull();
    expect(findReturn(route([candidate('a')]))).toBeNull();
    expect(findReturn(route([candidate('a', { status: 'paused' }), candidate('b', {}, { running: 1 })]))).toBeNull();
    expect(findReturn(route([candidate('a', {}, { health: quota, unfit: 'no' })]))).toBeNull();
  });
});

describe('a choice in words', () => {
  it('has a line for each candidate, best first', () => {
    const choice = route(
      [
        candidate('tester', {}, { unfit: 'it takes prompts, not commands', running: 1 }),
        candidate('codex', { maxConcurrent: 3, lastSeen: LATER }, { running: 2 }),
        candidate('claude', { labels: { team: 'core' } }),
      ],
      { labels: { team: 'core' } },
    );
    expect(describeChoice(choice)).toEqual([
      'claude: chosen, score 2.25 (labels in common 1, free capacity 1, success 0.25, cost 0), never used',
      `codex: score 0.58 (labels in common 0, free capacity 0.33, success 0.25, cost 0), last used ${LATER}`,
      'tester: removed, it takes prompts, not commands; it runs 1 of 1 already',
    ]);
  });

  it('says once what several share, and of a pinned task first what there is of the one that it is pinned to', () => {
    const candidates = ['a', 'b', 'slow', 'z'].map((id) => candidate(id, id === 'slow' ? { status: 'paused' } : {}));
    expect(describeChoice(route(candidates, { pin: 'slow' }))).toEqual([
      'slow: removed, it is paused',
      'a, b, z: removed, the task is pinned to slow',
    ]);
  });

  it('joins sentences as such, and says nothing twice', () => {
    const problem = { message: 'The program x was not found.', hint: 'Install it.' };
    const probe = { at: LATER, ok: false, version: null, capabilities: [], lacks: [], problems: [problem] };
    const unfit = `${problem.message} ${problem.hint}`;
    expect(describeChoice(route([candidate('a', { status: 'offline', probe }, { unfit })]))).toEqual([
      'a: removed. The program x was not found. Install it. It is offline.',
    ]);
  });

  it('keeps a reason on its line, whatever was written in it', () => {
    const paused = { status: 'paused', pauseReason: 'first\nb: chosen\u001b[2J\r\u202e' } as const;
    expect(describeChoice(route([candidate('a', paused)]))).toEqual(['a: removed, it is paused: first b: chosen [2J']);
  });
});

describe('the status to show', () => {
  it('joins what is stored with what runs and what came of it', () => {
    const two = ai('a', { maxConcurrent: 2 });
    expect(statusOf(two, 0)).toBe('online');
    expect(statusOf(two, 1, closed)).toBe('online');
    expect(statusOf(two, 2)).toBe('busy');
    expect(statusOf(two, 1, trial)).toBe('busy');
    expect(statusOf(two, 0, quota)).toBe('paused');
    expect(statusOf(two, 0, open)).toBe('error');
    expect(statusOf(ai('a', { status: 'offline' }), 1, quota)).toBe('offline');
  });

  it('knows how many may run at once', () => {
    const two = ai('a', { maxConcurrent: 2 });
    expect([undefined, closed, trial, open].map((health) => placesOf(two, health))).toEqual([2, 2, 1, 0]);
  });
});

describe('an id of an AI', () => {
  it.each(['claude', 'codex-2.x_y', '0', 'x'.repeat(63), 'autos'])('may be %j', (text) => {
    expect(isAIId(text)).toBe(true);
  });

  it.each(['', 'Claude', '-a', '.', '..', '../a', 'a/b', 'a\n', 'x'.repeat(64), 'auto', 'shared', 'none'])(
    'may not be %j',
    (text) => {
      expect(isAIId(text)).toBe(false);
    },
  );
});
