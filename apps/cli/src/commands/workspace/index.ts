import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { command, noun } from '../command.js';

export function addWorkspaceCommands(program: Command, io: Io): void {
  const workspace = noun(program, 'workspace', 'the folders that attempts work in');

  command(
    workspace,
    'list',
    'each with its task, its state and the size of its changes',
    'signalbox workspace list',
  ).action(async (options) => (await import('./list.js')).list(io, options));

  command(
    workspace,
    'discard <task|attempt>',
    'throw away what an attempt left; a patch of it is kept as evidence',
    'signalbox workspace discard tsk_1m83e',
  )
    .option('--yes', 'do not ask')
    .option('--force', 'also what cannot be kept as a patch')
    .action(async (target, options) => (await import('./discard.js')).discard(io, target, options));
}
