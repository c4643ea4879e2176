import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { sha256 } from '@signalbox/kernel';
import type { FileFacts } from '../assess-report.js';
import { failed } from './failed.js';

/** A file within a folder at one moment. */
export interface FolderFile extends FileFacts {
  bytes: Buffer;
}

/**
 * Reads a regular file below `folder`; `null` if there is none. Symbolic links are not followed out of the folder, nor at the
 * end of the path, and pipes and devices are not opened. Throws `COLLECT_FAILED`, also above `maxBytes`.
 */
export async function readFolderFile(folder: string, path: string, maxBytes: number): Promise<FolderFile | null> {
  const full = join(folder, path);
  const leadsOut = failed(`${path} leads out of the folder`, 'Have the file written below the folder.');
  if (isAbsolute(path) || !isWithin(folder, full)) throw leadsOut;
  const real = await realpath(full).catch(orNull);
  if (real === null) return null;
  if (!isWithin(await realpath(folder), real)) throw leadsOut;
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw failed(`${path} cannot be opened`, 'It must be a regular file and no link.', error);
    },
  );
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw failed(`${path} is not a regular file`, 'Have the tool write to a file.');
    if (stats.size > maxBytes) {
      throw failed(`${path} has ${stats.size} bytes, over the limit of ${maxBytes}`, 'Have less written to it.');
    }
    const bytes = await file.readFile();
    return { bytes, digest: sha256(bytes), modifiedAt: stats.mtimeMs };
  } finally {
    await file.close();
  }
}

/** How a file stands before a run that is to write it: what `before` of the report collectors wants. */
export async function fileFacts(folder: string, path: string, maxBytes = MAX_BYTES): Promise<FileFacts | null> {
  const file = await readFolderFile(folder, path, maxBytes);
  return file && { digest: file.digest, modifiedAt: file.modifiedAt };
}

const MAX_BYTES = 32 * 1024 * 1024;

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function orNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw failed('A file of the folder cannot be reached', 'Look at what was left there.', error);
}
