import { statSync } from 'node:fs';
import { CliError, usage } from './errors.js';

/** Refuses a path that names no file to read: nothing is there, or a folder is. `hint` says what to name instead. */
export function requireFile(path: string, hint: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new CliError({ code: 'NOT_FOUND', message: `There is no file ${path}.`, hint });
  if (found.isDirectory()) throw usage(`${path} is a folder.`, hint);
}
