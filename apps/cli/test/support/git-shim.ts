import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './project.js';

/** When the process that lands is killed, and whether its git then moves the branch. */
export type LandingKill = 'before, moving nothing' | 'before' | 'after';

/**
 * Puts a `git` first on the PATH of a project's commands. It hands everything to the real one, but kills, once, the process
 * that started it when that moves the integration branch. A branch that is only being created is not moved.
 */
export function killAtLanding(project: Project, when: LandingKill): void {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const steps = {
    'before, moving nothing': 'kill -9 $PPID; exit 1',
    before: `kill -9 $PPID; exec ${git} "$@"`,
    after: `${git} "$@"; ended=$?; kill -9 $PPID; exit $ended`,
  };
  const folder = join(project.place, 'git-shim');
  const shim = `#!/bin/sh
case " $* " in *" update-ref "*" refs/heads/signalbox/integration "*) ;; *) exec ${git} "$@" ;; esac
for old; do :; done
case "$old" in *[1-9a-f]*) ;; *) exec ${git} "$@" ;; esac
test -e "${folder}/killed" && exec ${git} "$@"
touch "${folder}/killed"
${steps[when]}
`;
  project.write(join(folder, 'git'), shim);
  chmodSync(join(folder, 'git'), 0o755);
  project.environment['PATH'] = `${folder}:${project.environment['PATH']}`;
}
