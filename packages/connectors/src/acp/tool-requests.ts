import type { Json, JsonObject } from '@signalbox/kernel';
import { asObject, objectAt, objectsAt, textAt } from '../claude-code/json-access.js';
import type { AgentRequest } from '../contract.js';
import { type ToolCall, toolName } from './tool-calls.js';

const PATH_KEYS = [
  ...['path', 'file_path', 'filePath', 'filepath', 'file', 'filename', 'absolute_path', 'abs_path', 'notebook_path'],
  ...['old_path', 'new_path', 'oldPath', 'newPath', 'move_path'],
];
const MOVE_KEYS = ['source', 'destination', 'from', 'to'];
const FOLDER_KEYS = ['path', 'dir', 'dir_path', 'directory', 'folder'];
const GLOB_KEYS = ['glob', 'include', 'glob_pattern'];
const COMMAND_KEYS = ['command', 'cmd', 'script'];
const CWD_KEYS = ['cwd', 'workdir', 'directory', 'dir_path'];
const URL_KEYS = ['url', 'uri'];

/**
 * What a tool call means for policy: all of it must be allowed. Null when nobody can tell what a change or a read would touch:
 * that must be refused. Kinds, names and inputs are the agent's own words: they are judged, not believed.
 */
export function requestsOfToolCall(call: ToolCall, workspace: string): AgentRequest[] | null {
  const changes = call.changed.map((path): AgentRequest => ({ action: 'file.write', path }));
  const wanted = requestsByKind(call, workspace);
  return wanted && distinct([...wanted, ...changes]);
}

function requestsByKind(call: ToolCall, workspace: string): AgentRequest[] | null {
  const { kind, input } = call;
  switch (kind) {
    case 'execute': {
      const command = commandOf(input);
      return command === null
        ? [toolRequest(call)]
        : [{ action: 'shell.run', command, cwd: firstText(input, CWD_KEYS) ?? workspace }];
    }
    case 'edit':
    case 'delete':
    case 'move': {
      const moved = kind === 'move' ? textsAt(input, MOVE_KEYS) : [];
      return fileRequests('file.write', [...call.changed, ...call.locations, ...inputPaths(input), ...moved]);
    }
    case 'read':
      return fileRequests('file.read', [...call.locations, ...inputPaths(input)]);
    case 'search':
      return fileRequests('file.read', searchedPaths(call, workspace));
    case 'fetch': {
      const urls = [...textsAt(input, URL_KEYS), ...textList(input['urls'])];
      return urls.length === 0 ? [toolRequest(call)] : urls.map((url) => ({ action: 'net.fetch', url }));
    }
    default:
      return [toolRequest(call)];
  }
}

function toolRequest(call: ToolCall): AgentRequest {
  const name = toolName(call);
  const [, server, tool] = /^mcp__(.+?)__(.+)$/s.exec(name) ?? [];
  return server !== undefined && tool !== undefined
    ? { action: 'tool.call', tool, server, input: call.input }
    : { action: 'tool.call', tool: name, input: call.input };
}

function fileRequests(action: 'file.read' | 'file.write', paths: readonly string[]): AgentRequest[] | null {
  return paths.length === 0 ? null : paths.map((path) => ({ action, path }));
}

/** Files named in the input of a tool: by a member of their own, or, for several, as members or items of `changes` and `edits`. */
function inputPaths(input: JsonObject): string[] {
  const changes = objectAt(input, 'changes');
  const moved = Object.values(changes ?? {}).flatMap((change) => movedTo(asObject(change)));
  const listed = ['changes', 'edits', 'files'].flatMap((key) =>
    objectsAt(input, key).flatMap((item) => textsAt(item, PATH_KEYS)),
  );
  const named = [...textList(input['paths']), ...textList(input['files'])];
  return [...textsAt(input, PATH_KEYS), ...Object.keys(changes ?? {}), ...moved, ...listed, ...named];
}

function movedTo(change: JsonObject | null): string[] {
  const update = objectAt(change, 'update');
  return [change, update].flatMap((from) => (from ? textsAt(from, ['move_path', 'new_path']) : []));
}

/** A search reads below a folder; a glob by which it chooses files is judged too, since it may lead out of there. */
function searchedPaths({ input, locations }: ToolCall, workspace: string): string[] {
  const folder = firstText(input, FOLDER_KEYS) ?? workspace;
  const globs = textsAt(input, GLOB_KEYS);
  const pattern = textAt(input, 'pattern');
  // `pattern` is a glob in one tool and a regular expression in the next.
  if (globs.length === 0 && pattern !== null && /[*?]/.test(pattern) && !/[\\()|^$+]/.test(pattern))
    globs.push(pattern);
  const chosen = globs.filter((glob) => glob !== '' && !glob.startsWith('!'));
  return [folder, ...locations, ...chosen.map((glob) => underFolder(folder, glob))];
}

function underFolder(folder: string, glob: string): string {
  return glob.startsWith('/') ? glob : `${folder.replace(/\/$/, '')}/${glob}`;
}

/** The command as it would be typed; null when the input does not hold it literally. */
function commandOf(input: JsonObject): string | null {
  for (const key of COMMAND_KEYS) {
    const command = input[key];
    if (typeof command === 'string' && command !== '') return command;
    const argv = textList(command);
    if (argv.length > 0) return argv.length === 3 && isShell(argv) ? (argv[2] ?? null) : argv.map(quote).join(' ');
  }
  return null;
}

function isShell([program = '', option = '']: readonly string[]): boolean {
  return /(^|\/)(ba|z|da)?sh$/.test(program) && /^-l?c$/.test(option);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function textsAt(object: JsonObject, keys: readonly string[]): string[] {
  return keys.map((key) => textAt(object, key)).filter((text) => text !== null && text !== '') as string[];
}

function firstText(object: JsonObject, keys: readonly string[]): string | null {
  return textsAt(object, keys)[0] ?? null;
}

function textList(value: Json | undefined): string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : [];
}

function distinct(requests: readonly AgentRequest[]): AgentRequest[] {
  const seen = new Map(requests.map((request) => [JSON.stringify(request), request]));
  return [...seen.values()];
}
