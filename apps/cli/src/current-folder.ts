import { usage } from './errors.js';

/** The working directory. Throws a usage error when it has been removed. */
export function currentFolder(read: () => string = process.cwd): string {
  try {
    return read();
  } catch {
    throw usage('The folder that you are in does not exist any more.', 'Change to one that does.');
  }
}
