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
    .requiredOption(
      '--connector <id>',
      "how it is driven: claude-code, codex, acp, command for any program, or a plugin's",
    )
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

  command(
    ai,
    'update <id>',
    'change how it is registered; what is not given stays',
    'signalbox ai update claude --max-concurrent 2',
  )
    .option('--max-concurrent <n>', 'how many attempts at once')
    .option('--capability <name>', 'one more that it is capable of (repeatable)', collect)
    .option('--remove-capability <name>', 'one that it is not capable of (repeatable)', collect)
    .option('--config <k=v>', 'a setting of the connector; an empty value removes one (repeatable)', collect)
    .action(async (id, options) => (await import('./update.js')).update(io, id, options));

  command(
    ai,
    'show <id>',
    'how it is registered, what was probed, its last attempts',
    'signalbox ai show claude',
  ).action(async (id, options) => (await import('./show.js')).show(io, id, options));

  command(ai, 'status <id>', 'probe it now, and say whether it gets work', 'signalbox ai status claude').action(
    async (id, options) => (await import('./show.js')).status(io, id, options),
  );

  command(
    ai,
    'pause <id>',
    'give it no more work; what it is at goes on',
    'signalbox ai pause claude --reason "billing" --until 2h',
  )
    .option('--reason <text>', 'for whoever asks why it gets no work', 'A person paused it')
    .option('--until <time>', 'a time, or a duration from now (default: until it is resumed)')
    .action(async (id, options) => (await import('./manage.js')).pause(io, id, options));

  command(
    ai,
    'resume <id>',
    'give it work again; what failed before counts no more',
    'signalbox ai resume claude',
  ).action(async (id, options) => (await import('./manage.js')).resume(io, id, options));

  command(ai, 'remove <id>', 'take it out of the registry', 'signalbox ai remove claude').action(async (id, options) =>
    (await import('./manage.js')).remove(io, id, options),
  );
}

export function addRouteCommands(program: Command, io: Io): void {
  const route = noun(program, 'route', 'which AI gets a task');

  command(
    route,
    'explain <task>',
    'who would get it now, and what speaks against the others',
    'signalbox route explain tsk_1m83e',
  )
    .option('--ai <id>', 'if it had to be this one')
    .action(async (task, options) => (await import('./route.js')).explain(io, task, options));
}
