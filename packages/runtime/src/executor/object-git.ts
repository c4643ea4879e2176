import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import type { TreeDiffCollectorOptions } from '@signalbox/audit/collectors';
import { RuntimeError } from '../errors.js';

export interface ObjectGitRequest {
  /** The folder that the trees are of. */
  top: string;
  /** An empty folder of our own, with the private git folder in it: attributes of the folder at `top` do not apply there. */
  place: string;
  /** The common git folder of the repository, which has the objects. */
  common: string;
  environment: NodeJS.ProcessEnv;
}

const MAX_BYTES = 256 * 1024 * 1024;

/** Git on objects alone, with nobody's configuration: what an agent has written to its folder does not decide what is shown. */
export function createObjectGit({
  top,
  place,
  common,
  environment,
}: ObjectGitRequest): TreeDiffCollectorOptions['git'] {
  const env = {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_'))),
    GIT_DIR: `${place}/private.git`,
    GIT_OBJECT_DIRECTORY: `${common}/objects`,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
  const settings = ['-c', `core.attributesFile=${devNull}`, '-c', 'core.hooksPath=/dev/null'];
  return {
    top,
    show: (args, maxBuffer = MAX_BYTES) =>
      new Promise((resolve, reject) => {
        const options = { cwd: place, env, maxBuffer, encoding: 'buffer' as const };
        execFile('git', [...settings, ...args], options, (error, stdout, stderr) => {
          if (!error) resolve(stdout);
          else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') resolve(null);
          else reject(failed(args, stderr.toString('utf8').trim() || error.message));
        });
      }),
  };
}

function failed(args: readonly string[], said: string): RuntimeError {
  return new RuntimeError({
    code: 'GIT_FAILED',
    message: `\`git ${args[0] ?? ''}\` could not compare the work with where it began: ${said}.`,
    hint: 'See what `git fsck` says in the repository.',
  });
}
