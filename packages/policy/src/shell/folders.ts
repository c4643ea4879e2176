import { posix } from 'node:path';
import { MAX_FOLDERS } from './limits.js';

/** Every folder a command may run in by now. They only grow: a `cd` may fail, or happen in a subshell. */
export class Folders {
  #possible: readonly string[];

  constructor(cwd: string) {
    this.#possible = [cwd];
  }

  get possible(): readonly string[] {
    return this.#possible;
  }

  /** Follows a `cd` with these operands. Returns why it cannot be followed, `null` if it can. */
  change(operands: readonly (string | null)[]): string | null {
    const [target] = operands[0] === '--' ? operands.slice(1) : operands;
    if (typeof target !== 'string' || target.startsWith('-') || operands.length > 2) {
      return 'the folder that cd goes to is not known';
    }
    const reached = this.#possible.map((cwd) => posix.resolve(cwd, target));
    const possible = [...new Set([...this.#possible, ...reached])];
    this.#possible = possible.slice(0, MAX_FOLDERS);
    return possible.length > MAX_FOLDERS ? 'cd too often' : null;
  }
}
