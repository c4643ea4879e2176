import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What removing a folder fails with where the rights in it do not let its owner do so. */
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ENOTEMPTY']);

/**
 * Removes a folder with all that is in it, also where its owner has taken the right to write from himself, as Go does in its
 * module cache (https://go.dev/ref/mod#module-cache). Throws as `rm` if something in it belongs to somebody else.
 */
export async function removeTree(folder: string, remove: typeof rm = rm): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5 };
  try {
    await remove(folder, options);
  } catch (error) {
    if (!DENIED.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await openFolders(folder);
    await remove(folder, options);
  }
}

const OWNER_ALL = 0o700;

/** Gives the owner all rights on the folders of a tree. Follows no link: what that leads to is not ours to change. */
async function openFolders(folder: string): Promise<void> {
  const entry = await lstat(folder).catch(() => null);
  if (!entry?.isDirectory()) return;
  if ((entry.mode & OWNER_ALL) !== OWNER_ALL) await chmod(folder, (entry.mode & 0o7777) | OWNER_ALL).catch(() => {});
  for (const each of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (each.isDirectory()) await openFolders(join(folder, each.name));
  }
}
