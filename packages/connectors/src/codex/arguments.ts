import { join } from 'node:path';
import type { Json, JsonObject } from '@signalbox/kernel';
import { textAt } from '../claude-code/json-access.js';
import type { RunRequest } from '../contract.js';
import { recordOfSession } from './session-record.js';
import { codexSettings } from './settings.js';

/** The `codex` of a configuration: an absolute path, or a name to be found in PATH. */
export function programOf(config: JsonObject): string {
  return textAt(config, 'program') ?? 'codex';
}

/** The command line of one attempt; the prompt goes to its standard input. */
export function codexArgv(request: RunRequest): string[] {
  const { config, environment } = request;
  const session = resumable(request);
  const argv = [programOf(config), 'exec', '--json', '--color', 'never'];
  // No settings and no rules of a person or a repository; work outside of a git repository is ours to allow.
  argv.push('--ignore-user-config', '--ignore-rules', '--skip-git-repo-check');
  const model = textAt(config, 'model');
  if (model !== null) argv.push('--model', model);
  for (const [key, value] of Object.entries(codexSettings(config, environment)))
    argv.push('-c', `${key}=${toml(value)}`);
  if (session !== undefined) argv.push('resume', session);
  argv.push('-');
  return argv;
}

/** The session to go on with, if codex still has a record of it. */
export function resumable(request: RunRequest): string | undefined {
  const { session } = request;
  // It becomes an argument and a part of a file name.
  if (session === undefined || !/^[0-9a-f][\w-]{0,99}$/i.test(session)) return undefined;
  return recordOfSession(agentFolders(request).home, session) === null ? undefined : session;
}

// Texts, numbers, truth values and lists of them are written alike in JSON and in TOML.
function toml(value: Json): string {
  return JSON.stringify(value);
}

/**
 * Folders of the attempt that codex is pointed to; they must exist before it starts. Its own folder must not lie in the
 * temporary one: codex then refuses to make the helper that applies patches.
 */
export function agentFolders(request: RunRequest): { home: string; temporary: string } {
  return {
    home: textAt(request.config, 'configDir') ?? request.sessionFolder ?? join(request.scratch, 'codex'),
    temporary: join(request.scratch, 'tmp'),
  };
}

/** The environment of the child. In UTC, because codex tells in local time when a limit ends, without naming the zone. */
export function agentEnvironment(request: RunRequest): Record<string, string> {
  const folders = agentFolders(request);
  return { ...request.environment, CODEX_HOME: folders.home, TMPDIR: folders.temporary, TZ: 'UTC' };
}
