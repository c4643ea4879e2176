import { delimiter } from 'node:path';
import { isPrivate, mountArguments, realPath } from './mounts.js';
import type { Sandbox } from './types.js';

interface Command {
  argv: readonly string[];
  cwd: string;
  environment: Readonly<Record<string, string>>;
}

/** A command as bubblewrap is to run it. */
export function inSandbox<C extends Command>(command: C, sandbox: Sandbox): C {
  const environment = { ...command.environment };
  const path = visiblePath(environment['PATH'] ?? '');
  if (environment['PATH'] !== undefined) environment['PATH'] = path.variable;
  const temporary = environment['TMPDIR'];
  if (temporary !== undefined && !isWritable(temporary, sandbox)) environment['TMPDIR'] = '/tmp';
  const readable = [...sandbox.readable, ...path.folders];
  const argv = [
    sandbox.program,
    // Its processes see no others, cannot signal them, and all end with it.
    ...['--die-with-parent', '--unshare-pid', '--unshare-ipc', '--cap-drop', 'ALL'],
    ...(sandbox.network ? [] : ['--unshare-net']),
    ...mountArguments({ ...sandbox, readable }),
    ...['--chdir', realPath(command.cwd) ?? command.cwd, '--', ...command.argv],
  ];
  return { ...command, argv, environment };
}

/**
 * PATH for the inside. Version managers put links into `/run` or `/tmp`, where nothing of them is to be seen: the folders that
 * they lead to take their place, and are made visible if those lie there as well.
 */
function visiblePath(variable: string): { variable: string; folders: string[] } {
  const entries = variable.split(delimiter).map((entry) => (isPrivate(entry) ? (realPath(entry) ?? entry) : entry));
  return { variable: entries.join(delimiter), folders: entries.filter(isPrivate) };
}

function isWritable(path: string, { writable }: Sandbox): boolean {
  const real = realPath(path) ?? path;
  return writable.some((folder) => `${real}/`.startsWith(`${realPath(folder) ?? folder}/`));
}
