import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { command, noun } from '../command.js';

export function addEvidenceCommands(program: Command, io: Io): void {
  const evidence = noun(program, 'evidence', 'look at the proof of what was done');

  command(
    evidence,
    'show <task>',
    'list the evidence of a task, or print one piece',
    'signalbox evidence show tsk_0f3 --content evd_0f4',
  )
    .option('--content <id>', 'print this piece as it is')
    .action(async (task, options) => (await import('./show.js')).show(io, task, options));
}
