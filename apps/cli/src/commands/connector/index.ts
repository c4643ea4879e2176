import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { command, noun } from '../command.js';

export function addConnectorCommands(program: Command, io: Io): void {
  const connector = noun(program, 'connector', 'what drives the agents: those that come with Signalbox, and plugins');

  command(connector, 'list', 'the connectors that can be used here', 'signalbox connector list').action(
    async (options) => (await import('./list.js')).list(io, options),
  );
}
