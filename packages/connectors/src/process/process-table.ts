import { existsSync } from 'node:fs';
import { createProcTable } from './proc-table.js';
import { createPsTable } from './ps-table.js';

export interface ProcessStat {
  parent: number;
  /** Opaque; the same for one process for as long as it lives. */
  startTime: string;
  /** A zombie: it has ended, and only its parent has not looked yet. */
  dead: boolean;
}

export interface Found {
  pids: number[];
  /** False when some process might be missing, since it is in the middle of an exec. */
  complete: boolean;
}

/** What the operating system tells about processes. Unknown and forbidden processes are null or absent, never an error. */
export interface ProcessTable {
  stat(pid: number): ProcessStat | null;
  /** A variable of the environment that the process was started with. */
  variable(pid: number, name: string): string | null;
  /** All processes started with `name` set to `value`. */
  withVariable(name: string, value: string): Found;
}

let table: ProcessTable | undefined;

/** The table of this system: /proc where there is one, else `ps`. */
export function systemProcessTable(): ProcessTable {
  table ??= existsSync('/proc/self/environ') ? createProcTable() : createPsTable();
  return table;
}
