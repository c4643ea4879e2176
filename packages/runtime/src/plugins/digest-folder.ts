import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Files of one plugin, and their bytes together: with what lies in its own `node_modules`, which it can import unseen. */
const MOST_FILES = 20_000;
const MOST_BYTES = 128 * 1024 * 1024;

/** What git keeps. It changes with every fetch, and no module may lie in it: see `isOwnFile`. */
const SKIPPED = '.git';

/**
 * A digest over the names and contents of all files in a folder, which is a real path. Throws when there are too many, or too
 * large ones, and for a link that leads out of what is covered: what lies there could change unseen.
 */
export function digestFolder(folder: string): string {
  const hash = createHash('sha256');
  let files = 0;
  let bytes = 0;
  const walk = (path: string): void => {
    const entries = readdirSync(join(folder, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === SKIPPED) continue;
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        walk(name);
        continue;
      }
      const content = entry.isSymbolicLink() ? linkIn(folder, name) : readFileSync(join(folder, name));
      files += 1;
      bytes += content.length;
      if (files > MOST_FILES || bytes > MOST_BYTES) {
        throw new Error(`it has more than ${MOST_FILES} files or 128 MiB; pack it, without what only its tests need`);
      }
      // Names and sizes go in too, so that no two folders give the same bytes.
      hash.update(`${entry.isSymbolicLink() ? 'link' : 'file'} ${content.length} ${name}\0`).update(content);
    }
  };
  walk('');
  return `sha256:${hash.digest('hex')}`;
}

/** Whether a path, its links followed, is among what the digest of the folder covers. */
export function isOwnFile(folder: string, path: string): boolean {
  if (!existsSync(path)) return false;
  const real = realpathSync(path);
  return real.startsWith(folder + sep) && !relative(folder, real).split(sep).includes(SKIPPED);
}

function linkIn(folder: string, name: string): Buffer {
  const path = join(folder, name);
  if (!isOwnFile(folder, path)) throw new Error(`its link ${name} leads out of it`);
  return Buffer.from(readlinkSync(path));
}
