import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where Signalbox keeps what belongs to the user rather than to a project. */
export interface SignalboxHome {
  /** Global policy and trust. */
  config: string;
  /** Worktrees and scratch folders: outside every checkout, so that a user's own test run never runs an agent's files. */
  cache: string;
}

/** `SIGNALBOX_HOME` moves both; else the XDG folders, else `~/.config` and `~/.cache`. */
export function findHome(environment: NodeJS.ProcessEnv): SignalboxHome {
  const moved = environment['SIGNALBOX_HOME'];
  if (moved) return { config: resolve(moved), cache: join(resolve(moved), 'cache') };
  const user = environment['HOME'] ?? homedir();
  return {
    config: join(environment['XDG_CONFIG_HOME'] ?? join(user, '.config'), 'signalbox'),
    cache: join(environment['XDG_CACHE_HOME'] ?? join(user, '.cache'), 'signalbox'),
  };
}
