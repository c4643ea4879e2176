import { existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AuditError } from '../errors.js';
import { syncFolder } from '../ledger/segment-sink.js';

/** How the name goes on of a copy that is still being made, of one that is whole, and of an old state. */
export const UNFINISHED = '.restoring-';
export const READY = '.restored-';
export const KEPT = '.before-restore-';

/**
 * Ends a restore whose process was killed between its two renames: puts the whole copy where the state was. To be called
 * before a state that is not there is taken for a new one. Returns true if it did so, false if there was nothing to do.
 *
 * Throws `RESTORE_INTERRUPTED` if there is an old state and no whole copy: somebody has to say which is to count.
 */
export function resumeRestore(state: string): boolean {
  if (existsSync(state)) return false;
  const [ready, ...others] = siblings(state, READY);
  const kept = siblings(state, KEPT).at(-1);
  if (ready === undefined && kept === undefined) return false;
  if (ready === undefined || others.length > 0) throw interrupted(state, kept ?? (ready as string));
  try {
    renameSync(ready, state);
  } catch (error) {
    if (!existsSync(state)) throw error; // else another process was as quick
  }
  syncFolder(dirname(state));
  return true;
}

/** What restores have left beside a state: the old states, and copies that never took effect. */
export function restoreRemains(state: string): { kept: string[]; unfinished: string[] } {
  return { kept: siblings(state, KEPT), unfinished: [...siblings(state, UNFINISHED), ...siblings(state, READY)] };
}

/** The folders beside a state whose names go on like this. */
export function siblings(state: string, ending: string): string[] {
  const folder = dirname(state);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith(`${basename(state)}${ending}`));
  return names.sort().map((name) => join(folder, name));
}

function interrupted(state: string, kept: string): AuditError {
  return new AuditError({
    code: 'RESTORE_INTERRUPTED',
    message: `${state} is not there, and a restore has left ${kept}.`,
    hint: `Move that folder to ${state} to go on from it, or restore the backup again; move it elsewhere to start anew.`,
  });
}
