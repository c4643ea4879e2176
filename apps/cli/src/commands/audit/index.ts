import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addAuditCommands(program: Command, io: Io, setExit: SetExit): void {
  const audit = noun(program, 'audit', 'read, verify and export the ledger');

  command(audit, 'log', 'show what happened, oldest first', 'signalbox audit log --task tsk_0f3')
    .option('--follow', 'go on as it grows')
    .option('--task <id>', 'only what concerns this task')
    .option('--kind <kind>', 'only entries of this kind, such as task.claimed, or policy. for a whole group')
    .option('--limit <n>', 'only the last so many (default 100; 0 for all)')
    .action(async (options) => (await import('./log.js')).log(io, options));

  command(
    audit,
    'verify',
    'check that nothing was changed, and say up to where nothing is missing',
    'signalbox audit verify',
  )
    .option('--file <file>', 'check an export instead')
    .action(async (options) => setExit(await (await import('./verify.js')).verify(io, options)));

  command(
    audit,
    'export',
    'print every entry as a line, closed by a signed checkpoint',
    'signalbox audit export > ledger.jsonl',
  )
    .option('--out <file>', 'write to a file')
    .action(async (options) => (await import('./export.js')).exportLog(io, options));

  command(
    audit,
    'checkpoint',
    'sign how far the ledger has come, and anchor that in git',
    'signalbox audit checkpoint',
  ).action(async (options) => (await import('./checkpoint.js')).checkpoint(io, options));
}
