import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import type { RunRequest } from '../contract.js';
import { numberAt, textAt } from './json-access.js';

/** The `claude` of a configuration: an absolute path, or a name to be found in PATH. */
export function programOf(config: JsonObject): string {
  return textAt(config, 'program') ?? 'claude';
}

/**
 * The command line of one attempt. Permission mode `default` makes claude refuse what nobody allows, so that a hook that
 * fails means no. No settings and no MCP servers of the repository or the user are read: their hooks would run unasked.
 */
export function claudeArgv(request: RunRequest): string[] {
  const { config, attempt } = request;
  const session = resumable(request);
  const argv = [programOf(config), '-p'];
  argv.push('--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose');
  argv.push('--permission-prompt-tool', 'stdio', '--permission-mode', 'default');
  argv.push('--setting-sources', '', '--strict-mcp-config');
  if (session === undefined) argv.push('--session-id', sessionIdOf(attempt.id));
  else argv.push('--resume', session);
  const model = textAt(config, 'model');
  if (model !== null) argv.push('--model', model);
  const maxTurns = Math.min(numberAt(config, 'maxTurns') ?? Infinity, request.limits.turns ?? Infinity);
  if (maxTurns !== Infinity) argv.push('--max-turns', String(maxTurns));
  const maxBudget = Math.min(numberAt(config, 'maxBudgetUsd') ?? Infinity, request.limits.budgetUsd ?? Infinity);
  if (maxBudget !== Infinity) argv.push('--max-budget-usd', String(maxBudget));
  return argv;
}

/** A UUID (version 8, RFC 9562) that is the same for one attempt, so that its session can be named after a crash. */
export function sessionIdOf(attempt: string): string {
  const bytes = createHash('sha256').update(`signalbox session ${attempt}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * The session to go on with, if claude still has it: it keeps each in a file whose folder is named after where it began. Asked
 * for one that it does not have, it would end at once.
 */
function resumable(request: RunRequest): string | undefined {
  const { session, workspace } = request;
  // It becomes an argument and a part of a file name.
  if (session === undefined || !/^[0-9a-f][0-9a-f-]{7,63}$/i.test(session)) return undefined;
  const projects = join(agentFolders(request).config, 'projects');
  const here = basename(workspace).replace(/[^A-Za-z0-9]/g, '-');
  const places = existsSync(projects) ? readdirSync(projects).filter((place) => place.endsWith(here)) : [];
  return places.some((place) => existsSync(join(projects, place, `${session}.jsonl`))) ? session : undefined;
}

/** Folders of the attempt that claude is pointed to; they must exist before it starts. */
export function agentFolders(request: RunRequest): { config: string; temporary: string; home: string | null } {
  const { config, sessionFolder, scratch } = request;
  return {
    config: textAt(config, 'configDir') ?? sessionFolder ?? join(scratch, 'claude'),
    temporary: join(scratch, 'tmp'),
    // Compilers and package managers live in the home folder of a person, so another one is only for who asks for it.
    home: textAt(config, 'home') === 'own' ? join(sessionFolder ?? scratch, 'home') : null,
  };
}

/**
 * The environment of the child: its own configuration and temporary folder, nothing sent home, no updates, and few retries,
 * since ours know the reason and claude's own ten can take minutes.
 */
export function agentEnvironment(request: RunRequest): Record<string, string> {
  const folders = agentFolders(request);
  return {
    CLAUDE_CODE_MAX_RETRIES: '2',
    ...request.environment,
    ...(folders.home === null ? {} : { HOME: folders.home }),
    CLAUDE_CONFIG_DIR: folders.config,
    TMPDIR: folders.temporary,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  };
}
