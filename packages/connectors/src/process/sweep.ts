import { setTimeout as pause } from 'node:timers/promises';
import { ATTEMPT_VARIABLE } from './marker-names.js';
import { type ProcessTable, systemProcessTable } from './process-table.js';

export interface SweepOptions {
  /** Sweeps in a row that must find nothing. A process in the middle of an exec can be missed once. */
  clean?: number;
  /** Milliseconds between two sweeps. Real time: it waits for the kernel, not for a schedule. */
  pauseMs?: number;
  /** Sweeps in all, after which it gives up. */
  rounds?: number;
  table?: ProcessTable;
}

/**
 * Kills every process that carries `attempt` in its environment, but never this process itself. Returns the pids it has
 * killed. Children are found wherever they have moved: other groups, other sessions, adopted by init.
 */
export async function sweep(attempt: string, options: SweepOptions = {}): Promise<number[]> {
  const { clean = 2, pauseMs = 10, rounds = 100, table = systemProcessTable() } = options;
  const killed = new Set<number>();
  for (let round = 0, quiet = 0; round < rounds && quiet < clean; round++) {
    if (round > 0) await pause(pauseMs);
    quiet = sweepOnce(attempt, table, killed) === 0 ? quiet + 1 : 0;
  }
  return [...killed];
}

/** Pids of the processes that carry `attempt`, this process excluded. */
export function findMarked(attempt: string, table: ProcessTable = systemProcessTable()): number[] {
  return table.withVariable(ATTEMPT_VARIABLE, attempt).filter((pid) => pid !== process.pid);
}

function sweepOnce(attempt: string, table: ProcessTable, killed: Set<number>): number {
  const pids = findMarked(attempt, table);
  for (const pid of pids) {
    // The list is a moment old and a pid may be another's by now: look again right before the kill.
    if (table.variable(pid, ATTEMPT_VARIABLE) !== attempt) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed.add(pid);
    } catch {
      // gone by itself, or not ours to kill
    }
  }
  return pids.length;
}
