import type { Clock, Recorder } from '@signalbox/kernel';
import type { HeartbeatOutcome, LeaseLost, LeaseRef } from '../store.js';
import { renewLease } from './hold.js';
import type { EntrySink, Writer } from './ports.js';
import type { Tables } from './tables.js';

interface Beat {
  ref: LeaseRef;
  record: Recorder<LeaseLost>;
  ttlMs: number | null;
  resolve(outcome: HeartbeatOutcome): void;
  reject(error: unknown): void;
}

export interface Heartbeats {
  beat(ref: LeaseRef, record: Recorder<LeaseLost>, ttlMs: number | null): Promise<HeartbeatOutcome>;
}

/** Gathers the renewals that are asked for at the same time into one piece of work: a thousand of them are one write. */
export function createHeartbeats(tables: Tables, writer: Writer, journal: EntrySink, clock: Clock): Heartbeats {
  let waiting: Beat[] = [];

  const renewAll = async (): Promise<void> => {
    let beats: Beat[] = [];
    try {
      const answers = await writer.run(() => {
        beats = waiting;
        waiting = [];
        return beats.map((beat) => renewOne(tables, beat, journal, clock.now()));
      });
      answers.forEach((answer, index) => {
        if ('error' in answer) beats[index]?.reject(answer.error);
        else beats[index]?.resolve(answer.outcome);
      });
    } catch (error) {
      for (const beat of beats) beat.reject(error);
    }
  };

  return {
    beat: (ref, record, ttlMs) =>
      new Promise((resolve, reject) => {
        waiting.push({ ref, record, ttlMs, resolve, reject });
        if (waiting.length === 1) void renewAll();
      }),
  };
}

// A renewal that fails has changed nothing, so the others of the same write stand.
function renewOne(
  tables: Tables,
  { ref, record, ttlMs }: Beat,
  journal: EntrySink,
  now: number,
): { outcome: HeartbeatOutcome } | { error: unknown } {
  try {
    const outcome = renewLease(tables, ref, now, ttlMs);
    if (outcome.status === 'lease_lost') journal.append(record(outcome));
    return { outcome };
  } catch (error) {
    return { error };
  }
}
