import { constants } from 'node:os';
import { resolve } from 'node:path';
import { findProgram } from '../find-program.js';
import { emptyCommand, spawnFailure } from '../process/spawn-failure.js';
import type { CommandOptions, ProcessRunner } from '../process/types.js';
import { inSandbox } from './bubblewrap-argv.js';
import type { Sandbox } from './types.js';

/**
 * The same runner, with every child in a sandbox. Signals and ends are those of the program inside; since bubblewrap tells the
 * end by a signal as an exit code above 128, as shells do, a program that ends itself with such a code counts as ended by that signal.
 * `SPAWN_FAILED` also for a program that is not there outside; one that the sandbox hides ends with exit code 1 and says so.
 */
export function sandboxed(processes: ProcessRunner, sandbox: Sandbox): ProcessRunner {
  const hold = <C extends CommandOptions>(command: C): C => {
    requireProgram(command);
    return { ...inSandbox(command, sandbox), isLauncher: true };
  };
  return {
    async spawn(options) {
      const child = await processes.spawn(hold(options));
      return { ...child, exited: child.exited.then(withSignal) };
    },
    async run(options) {
      return withSignal(await processes.run(hold(options)));
    },
    close: () => processes.close(),
  };
}

/** Bubblewrap would end with exit code 1, as the program itself might. */
function requireProgram({ argv, cwd, environment }: CommandOptions): void {
  const name = argv[0];
  if (!name) throw emptyCommand();
  const isPath = name.includes('/');
  if (findProgram(isPath ? resolve(cwd, name) : name, environment) !== null) return;
  throw spawnFailure(argv, cwd, `${name} was not found`);
}

function withSignal<E extends { code: number | null; signal: string | null }>(exit: E): E {
  const signal = exit.code === null ? undefined : SIGNALS.get(exit.code - 128);
  return signal === undefined ? exit : { ...exit, code: null, signal };
}

/** Names of signals by number; of two names the first. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name] as const),
);
