import type { JsonObject } from '@signalbox/kernel';
import type { RunRequest } from '../contract.js';

export interface CommandLine {
  argv: string[];
  /** The prompt goes to its standard input and into a file; a task's own run line needs none. */
  takesPrompt: boolean;
}

const shellArgv = (line: string): string[] => ['sh', '-c', line];

/** What to run: the task's run line, else the configured program. Null when there is neither. */
export function chooseCommand(request: Pick<RunRequest, 'run' | 'config'>): CommandLine | null {
  const { run } = request;
  if (run) return { argv: 'argv' in run ? run.argv : shellArgv(run.shell), takesPrompt: false };
  const argv = configuredArgv(request.config);
  return argv && { argv, takesPrompt: true };
}

/** The program that a configuration names. */
export function configuredArgv(config: JsonObject): string[] | null {
  const { argv, shell } = config;
  if (Array.isArray(argv)) return argv.filter((word) => typeof word === 'string');
  return typeof shell === 'string' ? shellArgv(shell) : null;
}
