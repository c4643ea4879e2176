import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Files of one plugin, and their bytes together: a package of code has far fewer, and a folder that has more is none. */
const MOST_FILES = 5_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Not a plugin's own: what it depends on, and what git keeps. */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * A digest over the names and contents of all files in a folder, which is a real path. Throws when there are too many, or too
 * large ones, and for a link that leads out of it: what lies there could change unseen.
 */
export function digestFolder(folder: string): string {
  const hash = createHash('sha256');
  let files = 0;
  let bytes = 0;
  const walk = (path: string): void => {
    const entries = readdirSync(join(folder, path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (SKIPPED.has(entry.name)) continue;
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        walk(name);
        continue;
      }
      const content = entry.isSymbolicLink() ? linkIn(folder, name) : readFileSync(join(folder, name));
      files += 1;
      bytes += content.length;
      if (files > MOST_FILES || bytes > MOST_BYTES) throw new Error(`it has more than ${MOST_FILES} files or 64 MiB`);
      // Names and sizes go in too, so that no two folders give the same bytes.
      hash.update(`${entry.isSymbolicLink() ? 'link' : 'file'} ${content.length} ${name}\0`).update(content);
    }
  };
  walk('');
  return `sha256:${hash.digest('hex')}`;
}

function linkIn(folder: string, name: string): Buffer {
  const path = join(folder, name);
  if (!realpathSync(path).startsWith(folder + sep)) throw new Error(`its link ${name} leads out of it`);
  return Buffer.from(readlinkSync(path));
}
