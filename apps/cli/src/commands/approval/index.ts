import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { command, noun } from '../command.js';

export function addApprovalCommands(program: Command, io: Io): void {
  const approval = noun(program, 'approval', 'answer what policy asks');

  command(approval, 'list', 'what waits for an answer', 'signalbox approval list')
    .option('--all', 'also what was answered or has expired')
    .option('--task <id>', 'about this task')
    .action(async (options) => (await import('./list.js')).list(io, options));

  command(approval, 'show <id>', 'what exactly is asked, and by which rules', 'signalbox approval show apr_1k2').action(
    async (id, options) => (await import('./show.js')).show(io, id, options),
  );

  command(approval, 'approve <id>', 'say yes', 'signalbox approval approve apr_1k2 --scope task')
    .option('--scope <scope>', 'once; task: each time in that task; always: so, and a rule is suggested', 'once')
    .option('--holds <duration>', 'how long the yes holds', '24h')
    .option('--reason <text>', 'for the record')
    .action(async (id, options) => (await import('./answer.js')).answer(io, 'approve', id, options));

  command(approval, 'reject <id>', 'say no', 'signalbox approval reject apr_1k2 --reason "not on this branch"')
    .option('--scope <scope>', 'once, or task: each time in that task', 'task')
    .option('--reason <text>', 'told to the agent, and for the record')
    .action(async (id, options) => (await import('./answer.js')).answer(io, 'reject', id, options));
}
