import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Clock, randomToken, sha256, sleep } from '@signalbox/kernel';
import type { Executor } from '../task.js';
import { failed, locked } from './file-errors.js';
import { mayRun, ownIdentity } from './process-identity.js';

const POLL_MS = 50;

/** The lock of the one process that may write. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the lock beside `path`, waiting for a live holder up to `waitMs`. The lock of a dead holder is taken over. Throws
 * `STORE_LOCKED`, which names who holds it.
 */
export async function takeWriterLock(path: string, clock: Clock, waitMs: number): Promise<WriterLock> {
  const lock = `${path}.lock`;
  const self = { ...ownIdentity(), token: randomToken('own') };
  const end = clock.monotonic() + waitMs;
  for (;;) {
    const holder = attempt(path, lock, self);
    if (!holder) {
      sweep(lock, self);
      return { release: () => release(lock, self) };
    }
    const left = end - clock.monotonic();
    if (left <= 0) throw locked(path, holder.pid, holder.host);
    await sleep(clock, Math.min(POLL_MS, left));
  }
}

/** Somebody may have deleted the lock by hand, and another may hold it by now. */
function release(lock: string, self: Executor): void {
  if (read(lock) === JSON.stringify(self)) rmSync(lock);
}

/** Tries once. Returns who is in the way, or null. */
function attempt(path: string, lock: string, self: Executor & { token: string }): Executor | null {
  const own = `${lock}.${self.token}`;
  try {
    writeFileSync(own, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
    for (;;) {
      if (link(own, lock)) return null;
      const found = read(lock);
      if (found === null) continue;
      const holder = parse(found);
      if (holder && mayRun(holder, self)) return holder;
      const outcome = takeOver(lock, own, found, self);
      if (outcome !== 'again') return outcome;
    }
  } catch (error) {
    throw failed(path, error);
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Puts `own` in the place of the lock whose text is `dead`. Two who see the same dead lock must not both win, the second one
 * over the first one's living lock: so whoever links the name that is derived from the dead text alone may replace it, and
 * looks again before it does. Locks never repeat, so that right is given once; that of one who died with it passes on in
 * the same way.
 */
function takeOver(lock: string, own: string, dead: string, self: Executor): Executor | 'again' | null {
  const rights: string[] = [];
  try {
    for (let text = dead; ; ) {
      const right = `${lock}.${sha256(text).slice(-16)}`;
      if (link(own, right)) {
        rights.push(right);
        break;
      }
      const other = read(right);
      if (other === null) return 'again';
      const owner = parse(other);
      if (owner && mayRun(owner, self)) return owner;
      rights.push(right);
      text = other;
    }
    if (read(lock) !== dead) return 'again';
    renameSync(own, lock);
    return null;
  } finally {
    if (read(lock) !== dead) for (const right of rights) rmSync(right, { force: true });
  }
}

/** Removes what those left behind who died on the way to the lock. */
function sweep(lock: string, self: Executor): void {
  for (const name of readdirSync(dirname(lock))) {
    if (!name.startsWith(`${basename(lock)}.`)) continue;
    const left = join(dirname(lock), name);
    const owner = parse(read(left) ?? '{}');
    if (owner && !mayRun(owner, self)) rmSync(left, { force: true });
  }
}

/** Gives the file another name, unless something has that name already. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Null for a text that is no lock: a crash of the machine can leave an empty file, and then the holder is gone as well. */
function parse(text: string): Executor | null {
  try {
    const { host, boot, pid, startTime } = JSON.parse(text) as Executor;
    return { host, boot, pid, startTime };
  } catch {
    return null;
  }
}
