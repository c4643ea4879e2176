import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addBackupCommands(program: Command, io: Io, setExit: SetExit): void {
  const backup = noun(program, 'backup', 'copy the state, and bring a copy back');

  command(
    backup,
    'create [folder]',
    'copy the database, the sealed entries and the evidence, while work goes on',
    'signalbox backup create ../backups/monday',
  )
    .option('--with-keys', 'the private keys too; who has the copy can then sign as this log')
    .action(async (folder, options) => (await import('./create.js')).create(io, folder, options));

  command(
    backup,
    'verify <folder>',
    'check that a copy is whole, and its ledger sound; works outside of any project',
    'signalbox backup verify ../backups/monday',
  )
    .option('--key <key>', 'the key that must have signed: a verifier key, or a file of some')
    .action(async (folder, options) => setExit(await (await import('./verify.js')).verify(io, folder, options)));

  command(
    backup,
    'restore <folder>',
    'verify a copy and put it in the place of the state, which is kept',
    'signalbox backup restore ../backups/monday',
  )
    .option('--yes', 'do not ask')
    .action(async (folder, options) => (await import('./restore.js')).restore(io, folder, options));
}
