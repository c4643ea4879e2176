import { closeSync, copyFileSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processIdentity } from '@signalbox/connectors';
import { type Clock, sleep } from '@signalbox/kernel';
import { RuntimeError } from '../errors.js';

/** What git locks before it changes them: files and index of a checkout, and which branch is checked out. */
const HELD = ['index', 'HEAD'] as const;
/** How long another git is waited for, and how often: `git status` of an editor holds the index for some milliseconds. */
const LOOKS = 40;
const LOOK_MS = 50;
const OURS = 'held by signalbox';

/** A checkout that is held. */
export interface HeldCheckout {
  /** Gives it another index, a copy of the file. Once; others can change the index from then on. */
  setIndex(from: string): void;
}

/**
 * Holds a checkout by git's own locks for the time of `work`: no other git command can switch its branch, commit in it, or change its
 * files by way of the index. `gitDir` is the git folder of that work tree alone. What a process that has died still holds is taken
 * over. Throws `LOCK_TIMEOUT` while another git command is at work.
 */
export async function holdCheckout<T>(
  gitDir: string,
  clock: Clock,
  work: (held: HeldCheckout) => Promise<T>,
): Promise<T> {
  const held = new Set<string>();
  try {
    for (const name of HELD) {
      const file = join(gitDir, `${name}.lock`);
      await take(file, clock);
      held.add(file);
    }
    return await work({
      setIndex(from) {
        const lock = join(gitDir, 'index.lock');
        copyFileSync(from, lock);
        // It takes the place of the index, and is let go by that, as git does it: the next lock of that name is somebody else's.
        held.delete(lock);
        renameSync(lock, join(gitDir, 'index'));
      },
    });
  } finally {
    for (const file of held) rmSync(file, { force: true });
  }
}

async function take(file: string, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(clock, LOOK_MS);
    if (create(file)) return;
    if (isLeft(file)) rmSync(file, { force: true });
  }
  throw new RuntimeError({
    code: 'LOCK_TIMEOUT',
    message: `Another git command is at work in the checkout: ${file} is there.`,
    hint: 'Wait for its end; if there is none, remove the file.',
  });
}

function create(file: string): boolean {
  let opened: number;
  try {
    opened = openSync(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const own = processIdentity(process.pid);
  writeSync(opened, `${OURS} ${process.pid} ${own?.startTime ?? ''}\n`);
  closeSync(opened);
  return true;
}

/** Whether one of us held it and is dead. */
function isLeft(file: string): boolean {
  try {
    const [, pid = '', startTime = ''] = /^held by signalbox (\d+) (\S*)\n$/.exec(readFileSync(file, 'latin1')) ?? [];
    return pid !== '' && !isAlive({ pid: Number(pid), startTime });
  } catch {
    return false; // let go meanwhile
  }
}
