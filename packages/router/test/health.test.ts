import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AttemptOutcome, type Health, healthOf } from '../src/index.js';

const NOW = 1_767_225_600_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CLOSED: Health = { state: 'closed', cause: null, reason: null, until: null };
const LOG_IN = { cause: 'failures', reason: 'its log-in was refused' } as const;
const QUOTA = { cause: 'quota', reason: 'its quota is used up' } as const;

/** Outcomes by minute from the start; the last argument of each is the class of failure. */
const record = (...outcomes: [minute: number, failure: string | null, resumeMinute?: number][]): AttemptOutcome[] =>
  outcomes.map(([minute, failure, resume]) => ({
    ...{ at: NOW + minute * MINUTE, failure },
    ...(resume === undefined ? {} : { resumeAt: NOW + resume * MINUTE }),
  }));
const at = (minute: number): number => NOW + minute * MINUTE;
const openUntil = (minute: number): Partial<Health> => ({ state: 'open', until: at(minute) });

describe('the health of an AI without failures of its own', () => {
  it('is closed', () => {
    expect(healthOf([], NOW)).toEqual(CLOSED);
    expect(healthOf(record([0, null], [1, null]), at(2))).toEqual(CLOSED);
  });

  it.each(['checks_failed', 'policy_denied', 'cancelled', 'lease_lost', 'agent_error', 'to_come'])(
    'does not suffer from %s, which says nothing about the AI',
    (failure) => {
      expect(healthOf(record([0, failure], [1, failure], [2, failure], [3, failure]), at(3))).toEqual(CLOSED);
    },
  );
});

describe('the circuit breaker', () => {
  it.each(['transient', 'crashed', 'stalled', 'timeout', 'invalid_output'])(
    'opens at the third %s within ten minutes, not before',
    (failure) => {
      const outcomes = record([0, failure], [5, failure], [10, failure]);
      expect(healthOf(outcomes.slice(0, 2), at(5))).toEqual(CLOSED);
      const reason = `it failed 3 times in a row (${failure})`;
      expect(healthOf(outcomes, at(10))).toEqual({ state: 'open', cause: 'failures', reason, until: at(11) });
    },
  );

  it('does not open at three failures in more than ten minutes', () => {
    expect(healthOf(record([0, 'crashed'], [5, 'crashed'], [10.1, 'crashed']), at(11))).toEqual(CLOSED);
  });

  it('counts different failures together, past what says nothing, up to the last success', () => {
    const mixed = record(
      [0, 'crashed'],
      [1, 'checks_failed'],
      [2, 'timeout'],
      [3, 'rate_limited', 3.5],
      [4, 'stalled'],
    );
    expect(healthOf(mixed, at(4))).toMatchObject({ state: 'open', reason: 'it failed 3 times in a row (stalled)' });
    expect(healthOf(record([0, 'crashed'], [1, 'crashed'], [2, null], [3, 'crashed']), at(3))).toEqual(CLOSED);
  });

  it('opens at once when the log-in is refused', () => {
    expect(healthOf(record([0, 'auth']), at(0))).toEqual({ ...LOG_IN, state: 'open', until: at(1) });
  });

  it('is half-open after its rest, until an attempt succeeds', () => {
    const outcomes = record([0, 'auth']);
    expect(healthOf(outcomes, at(1) - 1).state).toBe('open');
    expect(healthOf(outcomes, at(1))).toEqual({ ...LOG_IN, state: 'half-open', until: null });
    expect(healthOf(record([0, 'auth'], [2, 'checks_failed']), at(7 * 24 * 60)).state).toBe('half-open');
    expect(healthOf(record([0, 'auth'], [2, null]), at(2))).toEqual(CLOSED);
  });

  it('doubles its rest with each trial that fails, from a minute to an hour', () => {
    const outcomes: AttemptOutcome[] = [];
    const rests: number[] = [];
    let now = NOW;
    for (let trial = 0; trial < 9; trial++) {
      outcomes.push({ at: now, failure: 'auth' });
      const { until } = healthOf(outcomes, now);
      rests.push((Number(until) - now) / MINUTE);
      now = Number(until);
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    outcomes.push({ at: now, failure: null }, { at: now + 1, failure: 'auth' });
    expect(healthOf(outcomes, now + 1)).toMatchObject({ until: now + 1 + MINUTE });
  });

  it('reopens at one failure of any kind of its own after a rest', () => {
    const outcomes = record([0, 'crashed'], [1, 'crashed'], [2, 'crashed'], [60, 'timeout']);
    expect(healthOf(outcomes, at(60))).toMatchObject(openUntil(62));
  });

  it('does not rest longer for attempts that had begun before it opened', () => {
    const wave = record([0, 'auth'], [0.1, 'auth'], [0.2, 'auth'], [0.3, 'crashed']);
    expect(healthOf(wave, at(0.5))).toMatchObject(openUntil(1));
  });

  it('takes its numbers from the caller', () => {
    const options = { threshold: 1, baseMs: 10, capMs: 15 };
    const crashed = { at: NOW, failure: 'crashed' };
    expect(healthOf([crashed], NOW, options)).toMatchObject({ until: NOW + 10, reason: 'it failed once (crashed)' });
    expect(healthOf([crashed, { ...crashed, at: NOW + 10 }], NOW + 10, options).until).toBe(NOW + 25);
    const spread = record([0, 'crashed'], [1, 'crashed'], [2, 'crashed']);
    expect(healthOf(spread, at(2), { windowMs: MINUTE })).toEqual(CLOSED);
  });
});

describe('a quota', () => {
  it('keeps the AI away until the time that the provider told, and no longer', () => {
    const outcomes = record([0, 'rate_limited', 300]);
    expect(healthOf(outcomes, at(299))).toEqual({ ...QUOTA, ...openUntil(300) });
    expect(healthOf(outcomes, at(300))).toEqual(CLOSED);
  });

  it('is not ended by what still succeeds, nor by an earlier end that is told later', () => {
    expect(healthOf(record([0, 'rate_limited', 300], [1, null]), at(2))).toMatchObject(openUntil(300));
    expect(healthOf(record([0, 'rate_limited', 300], [1, 'rate_limited', 5]), at(10))).toMatchObject(openUntil(300));
  });

  it('backs off when the provider told no time, and then tries one at a time', () => {
    const outcomes = record([0, 'rate_limited'], [0.5, 'rate_limited'], [1, 'rate_limited']);
    expect(healthOf(outcomes.slice(0, 2), at(0.5))).toEqual({ ...QUOTA, ...openUntil(1) });
    expect(healthOf(outcomes, at(1))).toEqual({ ...QUOTA, ...openUntil(3) });
    expect(healthOf(outcomes, at(3))).toEqual({ ...QUOTA, state: 'half-open', until: null });
    expect(healthOf([...outcomes, { at: at(4), failure: null }], at(4))).toEqual(CLOSED);
  });

  it.each([-5, 0, Number.NaN])('backs off when the time that was told is none to come (%d)', (resume) => {
    expect(healthOf(record([0, 'rate_limited', resume]), at(0))).toMatchObject(openUntil(1));
  });

  it('is asked for again after a month, whatever was told', () => {
    expect(healthOf([{ at: NOW, failure: 'rate_limited', resumeAt: Infinity }], NOW).until).toBe(NOW + 31 * DAY);
    expect(healthOf([{ at: NOW, failure: 'rate_limited', resumeAt: NOW + 0.5 }], NOW).until).toBe(NOW + 1);
  });

  it('and an open breaker: the longer rest is told, and the trial after it', () => {
    const outcomes = record([0, 'auth'], [0.5, 'rate_limited', 30]);
    expect(healthOf(outcomes, at(0.5))).toEqual({ ...QUOTA, ...openUntil(30) });
    expect(healthOf(outcomes, at(30))).toEqual({ ...LOG_IN, state: 'half-open', until: null });
  });
});

describe('what counts', () => {
  it('leaves out what happened before the AI was resumed', () => {
    const outcomes = record([0, 'auth'], [1, 'rate_limited', 300]);
    expect(healthOf(outcomes, at(1), { since: at(1) })).toEqual(CLOSED);
    expect(healthOf(outcomes, at(1), { since: at(0) })).toMatchObject(openUntil(300));
  });

  it('leaves out what a clock that was set back has in the future', () => {
    expect(healthOf(record([60, 'auth'], [60, 'rate_limited', 300]), at(0))).toEqual(CLOSED);
  });

  const outcome = fc.record({
    failure: fc.constantFrom(null, 'auth', 'crashed', 'timeout', 'rate_limited', 'checks_failed'),
    resumeIn: fc.option(fc.integer({ min: -MINUTE, max: DAY })),
  });
  const history = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 * HOUR }), outcome), {
    selector: ([time]) => time,
    maxLength: 30,
  });
  const outcomesOf = (entries: [number, { failure: string | null; resumeIn: number | null }][]): AttemptOutcome[] =>
    entries.map(([time, { failure, resumeIn }]) => ({
      ...{ at: NOW + time, failure },
      ...(resumeIn === null ? {} : { resumeAt: NOW + time + resumeIn }),
    }));

  it('does not hang on the order of the outcomes, nor on those that say nothing', () => {
    fc.assert(
      fc.property(history, (entries) => {
        const outcomes = outcomesOf(entries);
        const health = healthOf(outcomes, NOW + 3 * HOUR);
        expect(healthOf(outcomes.toReversed(), NOW + 3 * HOUR)).toEqual(health);
        const telling = outcomes.filter(({ failure }) => failure !== 'checks_failed');
        expect(healthOf(telling, NOW + 3 * HOUR)).toEqual(health);
      }),
    );
  });

  it('is open exactly until a time to come, and never again without a further failure', () => {
    fc.assert(
      fc.property(history, (entries) => {
        const outcomes = outcomesOf(entries);
        const now = NOW + 3 * HOUR;
        const { state, until, reason } = healthOf(outcomes, now);
        expect(state === 'open').toBe(until !== null);
        expect(state === 'closed').toBe(reason === null);
        if (until === null) return;
        expect(until).toBeGreaterThan(now);
        expect(healthOf(outcomes, until - 1).state).toBe('open');
        expect(healthOf(outcomes, until).state).not.toBe('open');
      }),
    );
  });
});
