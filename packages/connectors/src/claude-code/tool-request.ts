import type { JsonObject } from '@signalbox/kernel';
import type { AgentRequest } from '../contract.js';
import { textAt } from './json-access.js';

type Translate = (input: JsonObject, cwd: string) => AgentRequest | null;

const file =
  (action: 'file.read' | 'file.write', key: string): Translate =>
  (input) => {
    const path = textAt(input, key);
    return path === null ? null : { action, path };
  };

/**
 * Glob and Grep search below a folder: the one given, or the one in which the agent stands. `key`: the glob by which they
 * choose files there. It is judged with the folder as it is written, since what it names may lie elsewhere (`../**`, `/etc/*`) or
 * be what a rule is about (`.env`).
 */
const search =
  (key?: string): Translate =>
  (input, cwd) => {
    const folder = input['path'] === undefined ? cwd : textAt(input, 'path');
    if (folder === null) return null;
    if (key === undefined || input[key] === undefined) return { action: 'file.read', path: folder };
    const glob = textAt(input, key);
    if (glob === null) return null;
    return { action: 'file.read', path: underFolder(folder, glob) };
  };

function underFolder(folder: string, glob: string): string {
  if (glob.startsWith('/')) return glob;
  // With "!" a glob says what to leave out.
  if (glob === '' || glob.startsWith('!')) return folder;
  return `${folder.replace(/\/$/, '')}/${glob}`;
}

const TOOLS: Readonly<Record<string, Translate>> = {
  Bash(input, cwd) {
    const command = textAt(input, 'command');
    return command === null ? null : { action: 'shell.run', command, cwd };
  },
  Read: file('file.read', 'file_path'),
  NotebookRead: file('file.read', 'notebook_path'),
  Glob: search('pattern'),
  Grep: search('glob'),
  LS: search(),
  Write: file('file.write', 'file_path'),
  Edit: file('file.write', 'file_path'),
  MultiEdit: file('file.write', 'file_path'),
  NotebookEdit: file('file.write', 'notebook_path'),
  WebFetch(input) {
    const url = textAt(input, 'url');
    return url === null ? null : { action: 'net.fetch', url };
  },
};

/**
 * What a tool call means for policy. A tool we do not know is a `tool.call` by its name; null when a tool we know comes
 * without what it acts on, which nobody can judge and must be refused.
 *
 * `cwd`: where the agent's shell stands, which `cd` in an earlier command may have moved.
 */
export function requestOfTool(name: string, input: JsonObject, cwd: string): AgentRequest | null {
  const translate = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (translate) return translate(input, cwd);
  const [, server, tool] = /^mcp__(.+?)__(.+)$/s.exec(name) ?? [];
  if (server !== undefined && tool !== undefined) return { action: 'tool.call', tool, server, input };
  return { action: 'tool.call', tool: name, input };
}
