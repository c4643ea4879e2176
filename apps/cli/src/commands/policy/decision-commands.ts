import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addDecisionCommands(policy: Command, io: Io, setExit: SetExit): void {
  const decisions = noun(policy, 'decisions', 'what was decided, and why');

  command(decisions, 'list', 'the newest decisions', 'signalbox policy decisions list --decision deny --since 2h', {
    isDefault: true,
  })
    .option('--decision <effect>', 'only allow, ask or deny')
    .option('--action <name>', 'only this action; "task." for all that begin so')
    .option('--task <id>', 'about this task')
    .option('--actor <actor>', 'by this actor: ai:codex, user:ana')
    .option('--since <time>', 'a time, or a duration before now')
    .option('--limit <n>', 'at most so many', '50')
    .action(async (options) => (await import('./decisions.js')).list(io, options));

  command(decisions, 'show <pdr>', 'the whole record of a decision', 'signalbox policy decisions show pdr_1k2').action(
    async (id, options) => (await import('./decisions.js')).show(io, id, options),
  );

  command(policy, 'replay [pdr]', 'take a decision again and compare, byte for byte', 'signalbox policy replay pdr_1k2')
    .option('--all', 'every decision on record')
    .action(async (id, options) => setExit(await (await import('./replay.js')).replay(io, id, options)));

  command(
    policy,
    'backtest <file>',
    'what another policy file would have decided',
    'signalbox policy backtest draft.yaml --since 30d',
  )
    .option('--since <time>', 'a time, or a duration before now', '30d')
    .option('--ai <id>', 'for a file of scope ai: whose it is')
    .action(async (file, options) => (await import('./backtest.js')).backtest(io, file, options));
}
