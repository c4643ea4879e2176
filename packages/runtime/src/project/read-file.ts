import { lstatSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '@signalbox/kernel';

/** The text of a file, or null when there is none. Anything else that goes wrong throws. */
export function readIfPresent(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** What there is at a path: `text` is null where there is nothing, and where there is something that cannot be read (`error`). */
export interface FoundText {
  text: string | null;
  /** Why it cannot be read, in a sentence. */
  error?: string;
}

/**
 * Reads a text that counts as soon as something is there at all: a folder, a device or a link that leads nowhere is not the
 * same as no file. Never throws.
 */
export function findText(file: string): FoundText {
  try {
    const there = statOf(file);
    if (!there) return { text: null };
    const found = there.isSymbolicLink() ? statSync(file) : there;
    if (found.isDirectory()) return { text: null, error: REASONS['EISDIR'] as string };
    // A pipe would never end, and neither would some devices.
    if (!found.isFile()) return { text: null, error: 'It is no file.' };
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { text: null, error: whyUnreadable(error) };
  }
}

/** Whether there is anything at a path, be it a link that leads nowhere. */
export function isThere(file: string): boolean {
  try {
    return statOf(file) !== undefined;
  } catch {
    return true;
  }
}

/** Without an exception where there is nothing: each decision looks for files that most projects do not have. */
function statOf(file: string): Stats | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false });
  // From Node 22 on this also stands for a path of which a part is a file.
  if (!found) refuseFileAsFolder(dirname(file));
  return found;
}

function refuseFileAsFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found && dirname(folder) !== folder) refuseFileAsFolder(dirname(folder));
  if (found && !found.isDirectory()) throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' });
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'It is a folder, not a file.',
  ELOOP: 'It is a symbolic link that leads back to itself.',
  ENOENT: 'It is a symbolic link that leads nowhere.',
  ENOTDIR: 'A part of its path is a file, not a folder.',
  EACCES: 'This user may not read it.',
  EPERM: 'This user may not read it.',
};

/** Why something that is there cannot be read, in a sentence. */
export function whyUnreadable(error: unknown): string {
  return REASONS[codeOf(error) ?? ''] ?? `It cannot be read: ${messageOf(error)}.`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
