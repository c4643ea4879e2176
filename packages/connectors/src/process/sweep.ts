import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { ATTEMPT_VARIABLE } from './marker-names.js';
import { type ProcessTable, systemProcessTable } from './process-table.js';

export interface SweepOptions {
  /** Sweeps in a row that must find nothing. A process in the middle of an exec can be missed once. */
  clean?: number;
  /**
   * Milliseconds between two sweeps, unless the first found nothing and saw all there was: the second is then to find only
   * who was born behind its back. Real time: it waits for the kernel, not for a schedule.
   */
  pauseMs?: number;
  /** Pid of a process that is not to be killed, beside this one. */
  spare?: number;
  /** Sweeps in all, after which it gives up. */
  rounds?: number;
  table?: ProcessTable;
}

/**
 * Kills every process that carries `attempt` in its environment, but never this process itself. Returns the pids it has
 * killed. Children are found wherever they have moved: other groups, other sessions, adopted by init.
 */
export async function sweep(attempt: string, options: SweepOptions = {}): Promise<number[]> {
  const { clean = 2, pauseMs = 10, rounds = 100, spare, table = systemProcessTable() } = options;
  const killed = new Set<number>();
  let calm = true;
  for (let round = 0, quiet = 0; round < rounds && quiet < clean; round++) {
    await (calm ? turn() : pause(pauseMs)); // before the first as well: whoever waits for the exit goes on first
    const { found, complete } = sweepOnce(attempt, table, killed, spare);
    quiet = found === 0 ? quiet + 1 : 0;
    calm = found === 0 && complete;
  }
  return [...killed];
}

/** Pids of the processes that carry `attempt`, this process excluded. */
export function findMarked(attempt: string, table: ProcessTable = systemProcessTable()): number[] {
  return notUs(table.withVariable(ATTEMPT_VARIABLE, attempt).pids);
}

function sweepOnce(
  attempt: string,
  table: ProcessTable,
  killed: Set<number>,
  spare: number | undefined,
): { found: number; complete: boolean } {
  const { pids, complete } = table.withVariable(ATTEMPT_VARIABLE, attempt);
  const others = notUs(pids).filter((pid) => pid !== spare);
  for (const pid of others) {
    // The list is a moment old and a pid may be another's by now: look again right before the kill.
    if (table.variable(pid, ATTEMPT_VARIABLE) !== attempt) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    } catch {
      // gone by itself, or not ours to kill
    }
  }
  return { found: others.length, complete };
}

const notUs = (pids: readonly number[]): number[] => pids.filter((pid) => pid !== process.pid);
