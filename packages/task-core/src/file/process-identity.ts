import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Executor } from '../task.js';

/** This process, in terms by which another can tell that it is dead. */
export function ownIdentity(): Executor {
  return { host: hostname(), boot: bootId(), pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
}

/** Whether the process may still run. One of another machine may always: it cannot be seen from here. */
export function mayRun({ host, boot, pid, startTime }: Executor, self: Executor): boolean {
  if (host !== self.host) return true;
  return boot === self.boot && startTimeOf(pid) === startTime;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux has one. Elsewhere start times are dates, which no two boots share.
    return '';
  }
}

/** When a process started, in the system's own terms; null if there is none, or one that is dead but not buried. */
export function startTimeOf(pid: number, platform: NodeJS.Platform = process.platform): string | null {
  try {
    return platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return null;
  }
}

function fromProc(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may have anything in it. After it comes field 3, the state; field 22 is the start time (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function fromPs(pid: number): string | null {
  const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } } as const;
  const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options).trim();
  const [, state = '', startTime = ''] = /^(\S+)\s+(.+)$/.exec(said) ?? [];
  return startTime === '' || state.startsWith('Z') ? null : startTime;
}
