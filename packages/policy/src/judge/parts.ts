import { posix } from 'node:path';
import type { Attributes } from '@signalbox/rules';
import type { NormalisedCommands } from '../record.js';
import type { PolicyRequest } from '../request.js';
import type { ShellLine } from '../shell/line.js';
import { parseArgv, parseShellLine } from '../shell/parse.js';
import { commandPart, operandPaths, unreadablePart } from './commands.js';
import type { Part } from './part.js';
import { filePart, locate, type Workspace } from './paths.js';

// Enough for any line a person reads; beyond it the line asks.
const MAX_OPERANDS = 400;

/** Everything a request would do, and what was understood of its commands. */
export interface Breakdown {
  readonly parts: readonly Part[];
  /** `null` for what is not a command. */
  readonly normalised: NormalisedCommands | null;
}

/** Splits a request into the parts that are judged one by one. */
export function breakDown(workspace: Workspace, request: PolicyRequest): Breakdown {
  const { name } = request.action;
  if (name === 'shell.run') return breakDownShell(workspace, request);
  const path = request.resource['path'];
  if ((name === 'file.read' || name === 'file.write') && typeof path === 'string') {
    const cwds = [folderOf(workspace, request)];
    const part = filePart(workspace, request, {
      action: name,
      path,
      cwds,
      resource: request.resource,
      inferred: false,
    });
    return { parts: [part], normalised: null };
  }
  const view = { attributes: attributesOf(request), tightenOnly: false };
  const part = { action: name, label: name, views: [view], command: null, certain: true, inferred: false };
  return { parts: [part], normalised: null };
}

/** A request already has the shape of its attributes. */
function attributesOf(request: PolicyRequest): Attributes {
  return request as unknown as Attributes;
}

function breakDownShell(workspace: Workspace, request: PolicyRequest): Breakdown {
  const lines = readLines(request, folderOf(workspace, request));
  const commands = lines.flatMap((line) => line.commands);
  const unresolved = lines.flatMap((line) => line.unresolved);
  const redirects = lines.flatMap((line) => line.redirects);
  if (commands.length + redirects.length + unresolved.length === 0) unresolved.push('no command is given');
  const parts = [
    ...commands.map((command) => commandPart(workspace, request, command)),
    ...redirects.map((redirect) => {
      const { action, target: path, cwds } = redirect;
      return filePart(workspace, request, { action, path, cwds, resource: {}, inferred: false });
    }),
  ];
  const isOwnLine = request.resource['origin'] === 'user';
  const reads = isOwnLine ? [] : operandReads(workspace, request, lines);
  if (reads.length > MAX_OPERANDS) unresolved.push('there are too many operands');
  parts.push(...reads.slice(0, MAX_OPERANDS));
  parts.push(...unresolved.map((phrase) => unreadablePart(request, phrase)));
  const normalised: NormalisedCommands = {
    commands: commands.map(({ words }) => ({
      argv: words.map((word) => word.value ?? word.text),
      dynamic: words.some((word) => word.value === null),
    })),
    unresolved: [...new Set([...unresolved, ...commands.flatMap((command) => command.unresolved)])],
  };
  return { parts, normalised };
}

function readLines(request: PolicyRequest, cwd: string): ShellLine[] {
  const { command, argv } = request.action;
  const lines: ShellLine[] = [];
  if (command !== undefined && command.trim() !== '') lines.push(parseShellLine(command, cwd));
  if (argv !== undefined && argv.length > 0) lines.push(parseArgv(argv, cwd));
  return lines;
}

function folderOf(workspace: Workspace, request: PolicyRequest): string {
  return posix.resolve(workspace.root, request.action.cwd ?? '.');
}

/**
 * Operands that may be files the program reads: `cat .env` is a read of `.env` for every rule that denies or asks. Outside
 * the workspace only what exists counts, since `/api/users` is more often a text to search for.
 */
function operandReads(workspace: Workspace, request: PolicyRequest, lines: readonly ShellLine[]): Part[] {
  const seen = new Set<string>();
  const parts: Part[] = [];
  for (const { words, cwds } of lines.flatMap((line) => line.commands)) {
    for (const path of operandPaths(words).slice(0, MAX_OPERANDS + 1)) {
      const key = `${cwds.join('\n')}\n${path}`;
      if (seen.has(key) || parts.length > MAX_OPERANDS) continue;
      seen.add(key);
      const counts = cwds.filter((cwd) => {
        if (locate(workspace, path, cwd).inside) return true;
        return workspace.facts.exists(posix.resolve(cwd, path));
      });
      if (counts.length === 0) continue;
      parts.push(
        filePart(workspace, request, { action: 'file.read', path, cwds: counts, resource: {}, inferred: true }),
      );
    }
  }
  return parts;
}
