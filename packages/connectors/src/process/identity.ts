import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type ProcessTable, systemProcessTable } from './process-table.js';
import type { ProcessIdentity } from './types.js';

/** Identifies the process that has `pid` now, or null when there is none. */
export function processIdentity(pid: number, table: ProcessTable = systemProcessTable()): ProcessIdentity | null {
  const stat = table.stat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** Whether that very process still runs: not one that was given its pid later, and not a zombie. */
export function isAlive(identity: ProcessIdentity, table: ProcessTable = systemProcessTable()): boolean {
  const stat = table.stat(identity.pid);
  return stat !== null && !stat.dead && stat.startTime === identity.startTime;
}

/** Names the current boot of this machine: a {@link ProcessIdentity} of another boot is of a dead process. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return bootTime();
  }
}

/** The time of the boot, as `sysctl` tells it on macOS and the BSDs. Throws where there is no `sysctl`. */
function bootTime(): string {
  const result = spawnSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' });
  if (result.error) throw result.error;
  return result.stdout.trim();
}
