import { statSync } from 'node:fs';
import { messageOf } from '@signalbox/kernel';
import { ConnectorError } from '../errors.js';

/** `SPAWN_FAILED` for a program that could not be started in `cwd`, as `cause` tells. */
export function spawnFailure(argv: readonly string[], cwd: string, cause: unknown): ConnectorError {
  const hint = isFolder(cwd)
    ? 'Check that the program is installed, executable and in the PATH that the child is given.'
    : `The working directory ${cwd} does not exist.`;
  return failure(`${argv[0]} (${messageOf(cause)})`, hint, cause);
}

/** `SPAWN_FAILED` for a command without a program. */
export function emptyCommand(): ConnectorError {
  return failure('an empty command', 'Give at least the name of a program.');
}

/** `SPAWN_FAILED` for a child of which nobody can tell whether it was started. */
export function helperLost(argv: readonly string[]): ConnectorError {
  return failure(`${argv[0]}: the helper process that was to start it has ended`, 'Try again: another one is started.');
}

function failure(what: string, hint: string, cause?: unknown): ConnectorError {
  return new ConnectorError({ code: 'SPAWN_FAILED', message: `Could not start ${what}.`, hint, cause });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
