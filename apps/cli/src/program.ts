import { Command } from 'commander';
import { addAICommands, addRouteCommands } from './commands/ai/index.js';
import { addApprovalCommands } from './commands/approval/index.js';
import { addAuditCommands } from './commands/audit/index.js';
import { addBackupCommands } from './commands/backup/index.js';
import { addConnectorCommands } from './commands/connector/index.js';
import { addEvidenceCommands } from './commands/evidence/index.js';
import { addPolicyCommands } from './commands/policy/index.js';
import { addProjectCommands } from './commands/project/index.js';
import { addTaskCommands } from './commands/task/index.js';
import { addWorkspaceCommands } from './commands/workspace/index.js';
import type { Io } from './io.js';
import { version } from './version.js';

/** Where a command puts its exit code when it is not 0 and nothing was thrown. */
export type SetExit = (code: number) => void;
/** Runs another command line: the demo does, with the real ones. */
export type RunCli = (argv: readonly string[], io: Io) => Promise<number>;

type AddCommands = (program: Command, io: Io, setExit: SetExit) => void;

/** In the order of the help. */
const NOUNS: ReadonlyMap<string, AddCommands> = new Map<string, AddCommands>([
  ['task', addTaskCommands],
  ['ai', addAICommands],
  ['connector', addConnectorCommands],
  ['route', addRouteCommands],
  ['workspace', addWorkspaceCommands],
  ['policy', addPolicyCommands],
  ['approval', addApprovalCommands],
  ['audit', addAuditCommands],
  ['evidence', addEvidenceCommands],
  ['backup', addBackupCommands],
]);

/**
 * Declares every command, or those of one noun if the command line begins with it: most of the time to read a line goes into that.
 * What a command does is loaded only when it runs: starting up must cost next to nothing.
 */
export function createProgram(io: Io, setExit: SetExit, runCli: RunCli, argv: readonly string[] = []): Command {
  const program = new Command('signalbox')
    .description('Several AI coding agents on one repository: queued, locked, judged by policy, proven and recorded.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Help that is shown because a command is missing; errors are told by whoever runs the program.
      writeErr: (text) => void io.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => io.columns,
    })
    .addHelpText('after', '\nStart with `signalbox init`, or see the whole story with `signalbox demo`.');
  const only = NOUNS.get(argv[0] ?? '');
  if (only) {
    only(program, io, setExit);
    return program;
  }
  addProjectCommands(program, io, setExit, runCli);
  for (const add of NOUNS.values()) add(program, io, setExit);
  return program;
}
