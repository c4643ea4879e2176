import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { collect } from '../../parse.js';
import { command, noun } from '../command.js';

export function addAICommands(program: Command, io: Io): void {
  const ai = noun(program, 'ai', 'register and list the AIs that can be given work');

  command(
    ai,
    'register <id>',
    'register an AI',
    'signalbox ai register claude --connector claude-code --label team=core',
  )
    .requiredOption('--connector <id>', 'how it is driven: claude-code, codex, or command for any program')
    .option('--name <name>', 'a name for people')
    .option('--label <k=v>', 'a label; a task with the same one prefers this AI (repeatable)', collect)
    .option('--capability <name>', 'what it is capable of (repeatable)', collect)
    .option('--max-concurrent <n>', 'how many attempts at once (default 1)')
    .option('--config <k=v>', 'a setting of the connector; a JSON value, or text (repeatable)', collect)
    .action(async (id, options) => (await import('./register.js')).register(io, id, options));

  command(ai, 'list', 'list the AIs', 'signalbox ai list').action(async (options) =>
    (await import('./list.js')).list(io, options),
  );

  command(
    ai,
    'label <id> <pairs...>',
    'set labels; an empty value removes one',
    'signalbox ai label claude area=api',
  ).action(async (id, pairs, options) => (await import('./label.js')).label(io, id, pairs, options));
}
