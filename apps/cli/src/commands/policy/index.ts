import type { Command } from 'commander';
import type { Io } from '../../io.js';
import { collect } from '../../parse.js';
import type { SetExit } from '../../program.js';
import { command, noun } from '../command.js';
import { addDecisionCommands } from './decision-commands.js';
import { addOverrideCommands } from './override-commands.js';

export function addPolicyCommands(program: Command, io: Io, setExit: SetExit): void {
  const policy = noun(program, 'policy', 'check, explain and override what AIs may do');

  command(policy, 'validate [files...]', 'find every fault in policy files', 'signalbox policy validate').action(
    async (files, options) => setExit(await (await import('./validate.js')).validate(io, files, options)),
  );

  command(policy, 'show', 'what is in force, and where each value comes from', 'signalbox policy show --ai codex')
    .option('--ai <id>', 'for this AI, with its own file')
    .action(async (options) => (await import('./show.js')).show(io, options));

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

  command(policy, 'test [files...]', 'run the tests that policy files carry', 'signalbox policy test').action(
    async (files, options) => setExit(await (await import('./test.js')).test(io, files, options)),
  );

  command(policy, 'check', 'find rules that contradict, hide or undo each other', 'signalbox policy check')
    .option('--gaps', 'also what no rule speaks about')
    .action(async (options) => setExit(await (await import('./check.js')).check(io, options)));

  addDecisionCommands(policy, io, setExit);
  addOverrideCommands(policy, io);

  command(
    policy,
    'compile',
    "write the policy as an agent's own settings, and say what it cannot keep",
    'signalbox policy compile --for claude-code --to .',
  )
    .requiredOption('--for <agent>', 'claude-code or codex')
    .option('--ai <id>', 'for this AI, with its own file')
    .option('--to <dir>', 'write the files below this folder instead of printing them')
    .action(async (options) => (await import('./compile.js')).compile(io, options));

  command(
    policy,
    'hook',
    "answer an agent's hook: its call on standard input, the decision on standard output",
    'signalbox policy hook --for claude-code --ai claude',
  )
    .requiredOption('--for <agent>', 'claude-code')
    .option('--ai <id>', 'as this AI', 'claude-code')
    .action(async (options) => setExit(await (await import('./hook.js')).hook(io, options)));

  command(policy, 'schema', 'the JSON Schema of policy files, for editors', 'signalbox policy schema').action(
    async (options) => (await import('./schema.js')).schema(io, options),
  );
}
