/**
 * Time as an argument. Nothing outside this file and the mains of the apps reads the system clock, so that a test moves
 * time instead of waiting for it.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. May jump in either direction. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back. For durations and for a holder's own view of its lease. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs` (0 or more). The returned function cancels it; cancelling twice is harmless. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock. A pending timer keeps the process alive until it fires or is cancelled. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` by `clock`, or at once when `signal` aborts. Never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

// One change writes the same few times over and over, and making the text costs 1 µs. A prime, since the ends of leases lie whole
// seconds after their beginnings, and would otherwise push each other out.
const SLOTS = 61;
const knownTimes = new Array<number>(SLOTS).fill(Number.NaN);
const knownTexts = new Array<string>(SLOTS).fill('');

/** ISO 8601 in UTC with milliseconds, as every stored or printed time is written. Throws for what is no time. */
export function isoTime(epochMs: number): string {
  const slot = Math.abs(Math.trunc(epochMs)) % SLOTS || 0;
  if (knownTimes[slot] !== epochMs) {
    knownTexts[slot] = new Date(epochMs).toISOString();
    knownTimes[slot] = epochMs;
  }
  return knownTexts[slot] as string;
}
