import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { command, noun } from '../command.js';

export function addOverrideCommands(policy: Command, io: Io): void {
  const override = noun(policy, 'override', 'make a rule looser for a while, where it says that it may be');

  command(
    override,
    'add <rule>',
    'let a rule say something looser',
    'signalbox policy override add global/ask-installs --effect allow --ai codex --reason "vendored mirror"',
  )
    .requiredOption('--effect <effect>', 'what it says instead: allow or ask')
    .requiredOption('--reason <text>', 'why; every use of it names this')
    .option('--ai <id>', 'only for this AI')
    .option('--task <id>', 'only for this task')
    .option('--label <k=v>', 'only for tasks with this label')
    .option('--expires <time>', 'a time, a duration from now, or never', '7d')
    .action(async (rule, options) => (await import('./override.js')).add(io, rule, options));

  command(override, 'list', 'the overrides in force', 'signalbox policy override list')
    .option('--all', 'also those that have expired or were revoked')
    .action(async (options) => (await import('./override.js')).list(io, options));

  command(override, 'revoke <id>', 'take an override back', 'signalbox policy override revoke ovr_1k2').action(
    async (id, options) => (await import('./override.js')).revoke(io, id, options),
  );
}
