import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessTable } from './process-table.js';

// Positions after the name of the program, which is in brackets and may itself hold blanks and brackets: proc_pid_stat(5).
const STATE = 0;
const PARENT = 1;
const START_TIME = 19;

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null; // gone, another user's, or the kernel's own
  }
}

const read = (path: string): string => readOrNull(path) ?? '';

function environmentOf(pid: number): string[] {
  // The bytes of a variable are UTF-8; markers are ASCII, so latin1 is exact and never fails.
  return read(`/proc/${pid}/environ`).split('\0');
}

/** Processes by /proc, as on Linux. */
export function createProcTable(): ProcessTable {
  return {
    stat(pid) {
      const text = read(`/proc/${pid}/stat`);
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const startTime = fields[START_TIME];
      if (startTime === undefined) return null;
      return { parent: Number(fields[PARENT]), startTime, dead: fields[STATE] === 'Z' || fields[STATE] === 'X' };
    },
    variable(pid, name) {
      const entry = environmentOf(pid).find((item) => item.startsWith(`${name}=`));
      return entry === undefined ? null : entry.slice(name.length + 1);
    },
    withVariable(name, value) {
      const wanted = `${name}=${value}`;
      const pids: number[] = [];
      let complete = true;
      for (const entry of readdirSync('/proc')) {
        const pid = Number(entry);
        if (!Number.isInteger(pid)) continue;
        const environment = readOrNull(`/proc/${pid}/environ`);
        // An exec has given up the old memory and not yet filled the new. Rarely, a process that has no environment at all.
        if (environment === '') complete = false;
        else if (environment?.split('\0').includes(wanted)) pids.push(pid);
      }
      return { pids, complete };
    },
  };
}
