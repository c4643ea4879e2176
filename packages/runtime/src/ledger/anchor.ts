import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Checkpoint, parseCheckpoint } from '@signalbox/audit';
import type { Git } from '../git/git.js';

/** Where the newest checkpoint is kept outside of the log: cutting off the log's end does not reach it. */
export const ANCHOR_REF = 'refs/signalbox/ledger';
/** Where anchors go that a log does not extend, when a person has a new one put in their place. */
const REPLACED_REFS = 'refs/signalbox/replaced';

/** The anchor: a signed note. Undefined where there is none, null for something else in its place. */
export async function readAnchor(git: Git): Promise<string | null | undefined> {
  const shown = await git.attempt(['cat-file', 'blob', ANCHOR_REF]);
  if (shown.exitCode === 0) return isCheckpoint(`${shown.stdout}\n`) ? `${shown.stdout}\n` : null;
  if ((await git.attempt(['rev-parse', '--verify', '--quiet', ANCHOR_REF])).exitCode === 0) return null;
  // Git takes a ref whose file holds no object id for one that is not there.
  return existsSync(resolve(git.folder, await git.run(['rev-parse', '--git-path', ANCHOR_REF]))) ? null : undefined;
}

/**
 * Puts a checkpoint in the place of the anchor. One of another log, or of more entries, shows that something was cut off:
 * it stays, unless `replace` says that a person has seen it, and then it is kept under another name.
 */
export async function writeAnchor(
  git: Git,
  note: string,
  replace: boolean,
): Promise<{ anchored: boolean; replaced: Checkpoint | null }> {
  const [present, blob] = await Promise.all([
    readAnchor(git),
    git.attempt(['hash-object', '-w', '--stdin'], { input: note }),
  ]);
  const contradicting = typeof present === 'string' && !isExtended(parseCheckpoint(present), note) ? present : null;
  if (contradicting !== null && !replace) return { anchored: false, replaced: null };
  const replaced = contradicting === null ? null : parseCheckpoint(contradicting);
  if (replaced) {
    const old = (await git.run(['rev-parse', ANCHOR_REF])).trim();
    await git.run(['update-ref', `${REPLACED_REFS}/${old.slice(0, 12)}`, old]);
  }
  const anchored = blob.exitCode === 0 && (await git.attempt(['update-ref', ANCHOR_REF, blob.stdout])).exitCode === 0;
  return { anchored, replaced };
}

function isExtended(anchor: Checkpoint, note: string): boolean {
  const { origin, size } = parseCheckpoint(note);
  return anchor.origin === origin && anchor.size <= size;
}

function isCheckpoint(note: string): boolean {
  try {
    parseCheckpoint(note);
    return true;
  } catch {
    return false;
  }
}
