import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addAuditCommands(program: Command, io: Io, setExit: SetExit): void {
  const audit = noun(program, 'audit', 'read, verify, sign and export the ledger');
  addReading(audit, io, setExit);
  addKeeping(audit, io);
}

function addReading(audit: Command, io: Io, setExit: SetExit): void {
  command(audit, 'log', 'show what happened, oldest first', 'signalbox audit log --task tsk_0f3 --since 2h')
    .option('--follow', 'go on as it grows')
    .option('--task <id>', 'only what concerns this task')
    .option('--kind <kind>', 'only entries of this kind, such as task.claimed, or policy. for a whole group')
    .option('--actor <actor>', 'only what this actor did: user:ana, ai:codex, system')
    .option('--since <time>', 'only from this time on, or since so long ago: 2026-12-31T09:00Z, 2h')
    .option('--until <time>', 'only before this time')
    .option('--limit <n>', 'only the last so many (default 100; 0 for all)')
    .action(async (options) => (await import('./log.js')).log(io, options));

  command(
    audit,
    'verify',
    'check that nothing was changed, and say up to where nothing is missing',
    'signalbox audit verify',
  )
    .option('--file <file>', 'check an export instead; works outside of any project')
    .option('--full', 'read every entry, and compare the tables with them (the default)')
    .option('--incremental', 'only what was added since the last time that all was well')
    .option('--key <key>', 'the key that must have signed: a verifier key, or a file of some')
    .option('--anchor <file>', 'a checkpoint that you kept: nothing up to it may be gone (default: the one in git)')
    .action(async (options) => setExit(await (await import('./verify.js')).verify(io, options)));

  command(
    audit,
    'recover <file>',
    'cut the torn last line off a file of entries, and record in it what was lost',
    'signalbox audit recover ledger.jsonl',
  ).action(async (file, options) => (await import('./recover.js')).recover(io, file, options));
}

function addKeeping(audit: Command, io: Io): void {
  command(
    audit,
    'export',
    'print every entry as a line, closed by a signed checkpoint',
    'signalbox audit export > ledger.jsonl',
  )
    .option('--out <file>', 'write to a file')
    .action(async (options) => (await import('./export.js')).exportLog(io, options));

  command(audit, 'checkpoint', 'sign how far the ledger has come, and anchor that in git', 'signalbox audit checkpoint')
    .option('--ssh', 'also as files that `ssh-keygen -Y verify` checks')
    .action(async (options) => (await import('./checkpoint.js')).checkpoint(io, options));

  command(
    audit,
    'rotate-key',
    'replace the key that signs, so that whoever trusts the old one can follow',
    'signalbox audit rotate-key',
  ).action(async (options) => (await import('./rotate-key.js')).rotate(io, options));

  command(
    audit,
    'seal',
    'move old entries out of the database into a sealed file beside it',
    'signalbox audit seal --keep 10000',
  )
    .option('--before <seq>', 'the entries before this one')
    .option('--keep <n>', 'all but the newest so many (default 10000)')
    .action(async (options) => (await import('./seal.js')).seal(io, options));
}
