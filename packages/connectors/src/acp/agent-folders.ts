import { join } from 'node:path';
import { textAt } from '../claude-code/json-access.js';
import type { RunRequest } from '../contract.js';

export interface AgentFolders {
  home: string;
  temporary: string;
}

/** The folders of one run. Sessions live in the home, so it is the folder that outlives the attempt, where there is one. */
export function agentFolders({ config, sessionFolder, scratch }: RunRequest): AgentFolders {
  return {
    home: textAt(config, 'configDir') ?? sessionFolder ?? join(scratch, 'home'),
    temporary: join(scratch, 'tmp'),
  };
}

/** The environment of the child: settings, log-ins and caches of the person are not to be found from it. */
export function agentEnvironment(
  environment: Readonly<Record<string, string>>,
  { home, temporary }: AgentFolders,
): Record<string, string> {
  return {
    ...environment,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_CACHE_HOME: join(home, '.cache'),
    TMPDIR: temporary,
  };
}
