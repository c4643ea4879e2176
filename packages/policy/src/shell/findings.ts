import { MAX_COMMANDS, MAX_DOUBTS, MAX_REDIRECTS } from './limits.js';
import type { ShellCommand, ShellLine, ShellRedirect } from './line.js';

/** What has been found in a line so far. */
export class Findings {
  readonly #commands: ShellCommand[] = [];
  readonly #redirects: ShellRedirect[] = [];
  readonly #doubts = new Set<string>();
  #stopped = false;

  /** True once it is clear that the line asks and that reading on would take too long. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get count(): number {
    return this.#commands.length + this.#redirects.length + this.#doubts.size;
  }

  addCommand(command: ShellCommand): void {
    if (this.#commands.length >= MAX_COMMANDS) this.stop('there are too many commands');
    else this.#commands.push(command);
  }

  addRedirect(redirect: ShellRedirect): void {
    if (this.#redirects.length >= MAX_REDIRECTS) this.stop('there are too many redirections');
    else this.#redirects.push(redirect);
  }

  /** Why the line as a whole cannot be allowed without asking. */
  doubt(phrase: string): void {
    if (this.#doubts.size < MAX_DOUBTS) this.#doubts.add(phrase);
  }

  stop(phrase: string): void {
    this.#stopped = true;
    this.doubt(phrase);
  }

  line(): ShellLine {
    return { commands: this.#commands, redirects: this.#redirects, unresolved: [...this.#doubts] };
  }
}
