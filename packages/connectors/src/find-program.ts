import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** The absolute path of an executable: `name` itself when absolute, else the first match in PATH; null when there is none. */
export function findProgram(name: string, environment: Readonly<Record<string, string>>): string | null {
  if (isAbsolute(name)) return isExecutable(name) ? name : null;
  if (name === '' || name.includes('/')) return null; // relative to which folder? refused rather than guessed
  for (const folder of (environment['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (isAbsolute(folder) && isExecutable(path)) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
