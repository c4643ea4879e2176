import { readFileSync } from 'node:fs';

/** The text of a file, or null when there is none. Anything else that goes wrong throws. */
export function readIfPresent(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
