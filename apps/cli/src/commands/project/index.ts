import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { RunCli, SetExit } from '../../program.js';
import { command } from '../command.js';

export function addProjectCommands(program: Command, io: Io, setExit: SetExit, runCli: RunCli): void {
  command(program, 'init', 'make this repository a Signalbox project', 'signalbox init --base main')
    .option('--base <branch>', 'the branch that work starts from (default: the one checked out)')
    .action(async (options) => (await import('./init.js')).init(io, options));

  command(program, 'doctor', 'say what works here and what does not', 'signalbox doctor').action(async (options) =>
    setExit(await (await import('./doctor.js')).doctor(io, options)),
  );

  command(program, 'demo', 'the whole story in a scratch repository; no key, no network', 'signalbox demo')
    .option('--keep', 'leave the scratch repository for a look')
    .action(async (options) => setExit(await (await import('../../demo/demo.js')).demo(io, options, runCli)));

  command(
    program,
    'trust [path]',
    'agree to the project files, and to a moved integration branch, as they are',
    'signalbox trust',
  )
    .option('--yes', 'do not ask')
    .action(async (path, options) => setExit(await (await import('./trust.js')).trust(io, path, options)));

  command(program, 'status', 'what runs, what waits and for what, on one screen', 'signalbox status').action(
    async (options) => (await import('./status.js')).status(io, options),
  );

  command(program, 'cost', 'what the work has cost, each attempt counted once', 'signalbox cost --by ai --since 7d')
    .option('--by <group>', 'task, ai, label or day', 'task')
    .option('--since <time>', 'what ended since: a time, or a duration back from now')
    .option('--until <time>', 'what ended before: a time, or a duration back from now')
    .option('--label <name>', 'with --by label: by the values of this one')
    .action(async (options) => (await import('./cost.js')).cost(io, options));

  command(program, 'land', 'merge finished work into the branch that is checked out', 'signalbox land').action(
    async (options) => (await import('./land.js')).land(io, options),
  );
}
