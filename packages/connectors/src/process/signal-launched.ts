import { readdirSync, readFileSync } from 'node:fs';
import { signalGroup } from './signal-group.js';

/**
 * Signals a group whose leader has started what matters and only watches over it: everybody but processes of the leader's
 * program, which would end, and by that kill the rest, before it could act on the signal. All, while there is nobody else. By
 * /proc, since what launches is for Linux.
 */
export function signalLaunched(leader: number, signal: NodeJS.Signals): void {
  const members = groupMembers(leader);
  const launcher = members.find(({ pid }) => pid === leader)?.program;
  const others = members.filter(({ pid, program }) => pid !== leader && program !== launcher);
  if (others.length === 0) signalGroup(leader, signal);
  for (const { pid } of others) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone by itself
    }
  }
}

function groupMembers(group: number): { pid: number; program: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    const text = /^\d+$/.test(name) ? statText(name) : '';
    // The name of the program is in brackets and may itself hold some; then state, parent, group: proc_pid_stat(5).
    const end = text.lastIndexOf(')');
    if (Number(text.slice(end + 2).split(' ')[2]) !== group) return [];
    return [{ pid: Number(name), program: text.slice(text.indexOf('(') + 1, end) }];
  });
}

function statText(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return ''; // gone
  }
}
