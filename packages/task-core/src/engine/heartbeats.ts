import { type Clock, type Recorder, sha256 } from '@signalbox/kernel';
import type { HeartbeatOutcome, LeaseLost, LeaseRef } from '../store.js';
import type { EntrySink, Writer } from './ports.js';
import type { Tables } from './tables.js';
import { mustFind, toTask } from './view.js';

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

/** Gathers the renewals that are asked for at the same time into one statement: a thousand of them are one write. */
export function createHeartbeats(tables: Tables, writer: Writer, journal: EntrySink, clock: Clock): Heartbeats {
  let waiting: Beat[] = [];

  const flush = async (): Promise<void> => {
    let beats: Beat[] = [];
    try {
      const answers = await writer.run(() => {
        // Taken only now, when the turn in which they were asked for is over.
        if (beats.length === 0) [beats, waiting] = [waiting, []];
        return renew(tables, beats, journal, clock.now());
      });
      answers.forEach((answer, index) => {
        if ('error' in answer) beats[index]?.reject(answer.error);
        else beats[index]?.resolve(answer);
      });
    } catch (error) {
      // When the transaction could not even begin, they still wait.
      if (beats.length === 0) [beats, waiting] = [waiting, []];
      for (const beat of beats) beat.reject(error);
    }
  };

  return {
    beat: (ref, record, ttlMs) =>
      new Promise((resolve, reject) => {
        waiting.push({ ref, record, ttlMs, resolve, reject });
        if (waiting.length === 1) void flush();
      }),
  };
}

// A holder comes again every few seconds with the same secret.
const REMEMBERED = 4_096;
const digests = new Map<string, string>();

function digestOf(lease: string): string {
  let digest = digests.get(lease);
  if (digest === undefined) {
    digest = sha256(lease);
    if (digests.size >= REMEMBERED) digests.clear();
    digests.set(lease, digest);
  }
  return digest;
}

function renew(
  tables: Tables,
  beats: readonly Beat[],
  journal: EntrySink,
  now: number,
): (HeartbeatOutcome | { error: unknown })[] {
  const renewals = beats.map(({ ref, ttlMs }) => ({ task: ref.task, digest: digestOf(ref.lease), ttlMs }));
  return tables.renewLeases(renewals, now).map((renewed, index) => {
    if (renewed !== 'lost') return { status: 'renewed', cancelRequested: renewed === 'cancel' };
    return lose(tables, beats[index] as Beat, journal);
  });
}

// What one holder lost is no concern of the others, whose leases are renewed by now.
function lose(tables: Tables, { ref, record }: Beat, journal: EntrySink): LeaseLost | { error: unknown } {
  try {
    const lost: LeaseLost = { status: 'lease_lost', task: toTask(tables, mustFind(tables, ref.task)) };
    journal.append(record(lost));
    return lost;
  } catch (error) {
    return { error };
  }
}
