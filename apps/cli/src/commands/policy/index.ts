import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { collect } from '../../parse.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';

export function addPolicyCommands(program: Command, io: Io, setExit: SetExit): void {
  const policy = noun(program, 'policy', 'check and explain what AIs may do');

  command(policy, 'validate [files...]', 'find every fault in policy files', 'signalbox policy validate').action(
    async (files, options) => setExit(await (await import('./validate.js')).validate(io, files, options)),
  );

  command(
    policy,
    'explain <action>',
    'say what policy would decide, and by which rules',
    "signalbox policy explain shell.run --command 'git push'",
  )
    .option('--command <line>', 'for shell.run: the shell line')
    .option('--path <path>', 'for file.read and file.write: the path')
    .option('--url <url>', 'for net.fetch: the URL')
    .option('--tool <name>', 'for tool.call: the tool')
    .option('--ai <id>', 'as this AI')
    .option('--task <id>', 'for this task')
    .option('--set <k=v>', 'another attribute of the resource (repeatable)', collect)
    .option('--headless', 'nobody is there to ask (the default)')
    .option('--interactive', 'somebody is there to ask')
    .action(async (action, options) => (await import('./explain.js')).explain(io, action, options));
}
