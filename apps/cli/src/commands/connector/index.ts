import type { Command } from 'commander';
import type { Io } from '../../io.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addConnectorCommands(program: Command, io: Io, setExit: SetExit): void {
  const connector = noun(program, 'connector', 'what drives the agents: those that come with Signalbox, and plugins');

  command(connector, 'list', 'the connectors that can be used here', 'signalbox connector list').action(
    async (options) => (await import('./list.js')).list(io, options),
  );

  command(
    connector,
    'test <id>',
    'hold a connector to the contract, case by case',
    'signalbox connector test claude-code',
  )
    .option('--ai <id>', 'with the configuration of this AI')
    .action(async (id, options) => setExit(await (await import('./test.js')).test(io, id, options)));
}
