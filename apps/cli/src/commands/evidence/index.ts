import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addEvidenceCommands(program: Command, io: Io, setExit: SetExit): void {
  const evidence = noun(program, 'evidence', 'look at the proof of what was done, check it, hand it on');

  command(
    evidence,
    'show <task|evd>',
    'list the evidence of a task with its grades and doubts, or print one piece',
    'signalbox evidence show tsk_0f3 --content evd_0f4',
  )
    .option('--content <id>', 'print this piece as it is')
    .action(async (task, options) => (await import('./show.js')).show(io, task, options));

  command(
    evidence,
    'verify <task|receipt>',
    'check the evidence of a task, or a receipt on its own, which needs no project',
    'signalbox evidence verify receipt.json --key ledger.pub',
  )
    .option('--key <file|key>', 'for a receipt: the public key, or a file with one a line (default: the project’s)')
    .action(async (what, options) => setExit(await (await import('./verify.js')).verify(io, what, options)));

  command(
    evidence,
    'export <task>',
    'write everything that proves a task into one signed file',
    'signalbox evidence export tsk_0f3 --out receipt.json',
  )
    .option('--out <file>', 'write to a file')
    .action(async (task, options) => (await import('./export.js')).exportEvidence(io, task, options));

  command(
    evidence,
    'remove <id>',
    'delete the content of a piece of evidence; that and why stays on record',
    'signalbox evidence remove evd_0f4 --reason "holds a customer’s name"',
  )
    .requiredOption('--reason <text>', 'why; it is recorded')
    .action(async (id, options) => (await import('./remove.js')).remove(io, id, options));
}
