/** How one attempt of an AI ended. */
export interface AttemptOutcome {
  /** When, in milliseconds since the epoch. */
  at: number;
  /** The failure class, or null for success. */
  failure: string | null;
  /** With `rate_limited`: when the provider accepts work again, in milliseconds since the epoch, if it told. */
  resumeAt?: number;
}

/** Whether the record of an AI speaks for giving it work: a circuit breaker, and the windows of its quota. */
export interface Health {
  /** `open`: no work until {@link Health.until}. `half-open`: one attempt at a time, until one succeeds. */
  state: 'closed' | 'open' | 'half-open';
  cause: 'failures' | 'quota' | null;
  /** For a person; null when closed. */
  reason: string | null;
  /** In milliseconds since the epoch; null unless open. */
  until: number | null;
}

export interface HealthOptions {
  /** How many failures in a row open the breaker, when they fall within `windowMs`. Default 3. */
  threshold?: number;
  /** Milliseconds. Default 10 minutes. */
  windowMs?: number;
  /** The first rest, in milliseconds; each trial that fails doubles it. Default 1 minute. */
  baseMs?: number;
  /** The longest rest, in milliseconds. Default 1 hour. */
  capMs?: number;
  /** Outcomes up to this time count no more, in milliseconds since the epoch: see `clearedAt` of an AI. */
  since?: number;
}

/** No work until `until`; null: it was never closed, or something succeeded since. */
interface Gate {
  trips: number;
  until: number | null;
}

interface Tally {
  breaker: Gate;
  /** When failures that have not opened the breaker happened. */
  recent: number[];
  failed: number;
  last: string;
  /** For limits whose end the provider did not tell. */
  backoff: Gate;
  /** The end that it told. */
  window: number;
}

type Rules = Required<HealthOptions>;

const DEFAULTS: Rules = { threshold: 3, windowMs: 600_000, baseMs: 60_000, capMs: 3_600_000, since: -Infinity };

// The AI's own kind. The rest (checks_failed, policy_denied, cancelled, lease_lost, agent_error …) speaks of the task or of us.
const OWN_FAILURES: ReadonlySet<string> = new Set(['transient', 'crashed', 'stalled', 'timeout', 'invalid_output']);

// Quotas renew within a month at the longest; a provider that names a later time is asked again.
const LONGEST_WINDOW_MS = 31 * 24 * 3_600_000;

const CLEAR: Gate = { trips: 0, until: null };

/**
 * What the record of an AI says at `now`. Failures of its own kind open the breaker: `auth` at once; `transient`, `crashed`,
 * `stalled`, `timeout` and `invalid_output` at the third in a row within ten minutes. It rests for a minute, then one attempt is
 * let through; each that fails doubles the rest, up to an hour, and a success ends it. `rate_limited` rests until the time that
 * the provider told, whatever succeeds meanwhile, or with the same backoff if it told none.
 *
 * Outcomes may come in any order; the last fifty or so suffice. Those later than `now` are from before the clock was set back,
 * and are left out.
 */
export function healthOf(outcomes: readonly AttemptOutcome[], now: number, options: HealthOptions = {}): Health {
  const rules = { ...DEFAULTS, ...options };
  const counted = outcomes.filter(({ at }) => at > rules.since && at <= now).sort((a, b) => a.at - b.at);
  const fresh: Tally = { breaker: CLEAR, recent: [], failed: 0, last: '', backoff: CLEAR, window: -Infinity };
  return judge(
    counted.reduce((tally, outcome) => count(tally, outcome, rules), fresh),
    now,
  );
}

function count(tally: Tally, { at, failure, resumeAt }: AttemptOutcome, rules: Rules): Tally {
  if (failure === null) return { ...tally, breaker: CLEAR, recent: [], failed: 0, backoff: CLEAR };
  if (failure === 'rate_limited') {
    if (resumeAt === undefined || !(resumeAt > at)) return { ...tally, backoff: close(tally.backoff, at, rules) };
    return { ...tally, window: Math.max(tally.window, Math.ceil(Math.min(resumeAt, at + LONGEST_WINDOW_MS))) };
  }
  if (failure !== 'auth' && !OWN_FAILURES.has(failure)) return tally;
  const recent = [...tally.recent.filter((earlier) => earlier >= at - rules.windowMs), at];
  const trips = failure === 'auth' || tally.breaker.until !== null || recent.length >= rules.threshold;
  const breaker = trips ? close(tally.breaker, at, rules) : tally.breaker;
  return { ...tally, breaker, recent, failed: tally.failed + 1, last: failure };
}

/** What fails during the rest had begun before it, and tells nothing new. */
function close(gate: Gate, at: number, { baseMs, capMs }: Rules): Gate {
  if (gate.until !== null && at < gate.until) return gate;
  return { trips: gate.trips + 1, until: at + Math.min(capMs, baseMs * 2 ** gate.trips) };
}

function judge({ breaker, failed, last, backoff, window }: Tally, now: number): Health {
  const quota = { cause: 'quota', reason: 'its quota is used up' } as const;
  const times = failed === 1 ? 'once' : `${failed} times in a row`;
  const reason = last === 'auth' ? 'its log-in was refused' : `it failed ${times} (${last})`;
  const failures = { cause: 'failures', reason } as const;

  const rests = [
    { ...quota, until: Math.max(window, backoff.until ?? -Infinity) },
    { ...failures, until: breaker.until ?? -Infinity },
  ].sort((a, b) => b.until - a.until);
  const longest = rests[0];
  if (longest && longest.until > now) return { state: 'open', ...longest };
  if (breaker.until !== null) return { state: 'half-open', ...failures, until: null };
  if (backoff.until !== null) return { state: 'half-open', ...quota, until: null };
  return { state: 'closed', cause: null, reason: null, until: null };
}
