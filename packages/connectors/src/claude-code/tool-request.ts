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

// Glob and Grep search below a folder: the one given, or the one in which the agent stands.
const search: Translate = (input, cwd) => {
  const path = input['path'] === undefined ? cwd : textAt(input, 'path');
  return path === null ? null : { action: 'file.read', path };
};

const TOOLS: Readonly<Record<string, Translate>> = {
  Bash(input, cwd) {
    const command = textAt(input, 'command');
    return command === null ? null : { action: 'shell.run', command, cwd };
  },
  Read: file('file.read', 'file_path'),
  NotebookRead: file('file.read', 'notebook_path'),
  Glob: search,
  Grep: search,
  LS: search,
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
  if (server !== undefined && tool !== undefined) return { action: 'tool.call', tool, server };
  return { action: 'tool.call', tool: name };
}
