import { posix } from 'node:path';
import type { Attributes } from '@signalbox/rules';
import type { NormalisedCommands } from '../record.js';
import type { PolicyRequest } from '../request.js';
import type { ShellCommand, ShellLine } from '../shell/line.js';
import { parseArgv, parseShellLine } from '../shell/parse.js';
import { commandPart, operandPaths, unreadablePart } from './commands.js';
import type { Part } from './part.js';
import { filePart, locate, lockTest, type Place, type Workspace } from './paths.js';

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
    const { resource } = request;
    const places = [locate(workspace, path, folderOf(workspace, request))];
    const part = filePart(request, lockTest(request), { action: name, path, places, resource, inferred: false });
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
  const { commands, redirects, unresolved } = readLines(request, folderOf(workspace, request));
  if (commands.length + redirects.length + unresolved.length === 0) unresolved.push('no command is given');
  const locks = lockTest(request);
  const parts: Part[] = [];
  const judged = commands.map((command) => ({ command, paths: operandPaths(command.words) }));
  for (const { command, paths } of judged) parts.push(commandPart(workspace, request, command, paths));
  for (const { action, target: path, cwds } of redirects) {
    const places = cwds.map((cwd) => locate(workspace, path, cwd));
    parts.push(filePart(request, locks, { action, path, places, resource: NOTHING_ELSE, inferred: false }));
  }
  const isOwnLine = request.resource['origin'] === 'user';
  const reads = isOwnLine ? [] : operandReads(workspace, judged);
  if (reads.length > MAX_OPERANDS) unresolved.push('there are too many operands');
  for (const { path, places } of reads.slice(0, MAX_OPERANDS)) {
    const file = { action: 'file.read', path, places, resource: NOTHING_ELSE, inferred: true };
    parts.push(filePart(request, locks, file));
  }
  for (const phrase of unresolved) parts.push(unreadablePart(request, phrase));
  return { parts, normalised: normalise(commands, unresolved) };
}

const NOTHING_ELSE = {};

function normalise(commands: readonly ShellCommand[], unresolved: readonly string[]): NormalisedCommands {
  const phrases = new Set(unresolved);
  for (const command of commands) for (const phrase of command.unresolved) phrases.add(phrase);
  return {
    commands: commands.map(({ words }) => ({
      argv: words.map((word) => word.value ?? word.text),
      dynamic: words.some((word) => word.value === null),
    })),
    unresolved: [...phrases],
  };
}

/** The line and the vector of a request together. */
function readLines(request: PolicyRequest, cwd: string) {
  const { command, argv } = request.action;
  const lines: ShellLine[] = [];
  if (command !== undefined && command.trim() !== '') lines.push(parseShellLine(command, cwd));
  if (argv !== undefined && argv.length > 0) lines.push(parseArgv(argv, cwd));
  return {
    commands: lines.flatMap((line) => line.commands),
    redirects: lines.flatMap((line) => line.redirects),
    unresolved: lines.flatMap((line) => line.unresolved),
  };
}

function folderOf(workspace: Workspace, request: PolicyRequest): string {
  const { cwd } = request.action;
  return cwd === undefined ? workspace.root : posix.resolve(workspace.root, cwd);
}

/**
 * Operands that may be files the program reads: `cat .env` is a read of `.env` for every rule that denies or asks. Outside
 * the workspace only what exists counts, since `/api/users` is more often a text to search for.
 */
function operandReads(workspace: Workspace, commands: readonly JudgedCommand[]): OperandRead[] {
  const seen = new Set<string>();
  const reads: OperandRead[] = [];
  for (const { command, paths } of commands) {
    const { cwds } = command;
    const from = cwds.join('\n');
    for (const path of paths.slice(0, MAX_OPERANDS + 1)) {
      const key = `${from}\n${path}`;
      if (seen.has(key) || reads.length > MAX_OPERANDS) continue;
      seen.add(key);
      const places = placesThatCount(workspace, path, cwds);
      if (places.length > 0) reads.push({ path, places });
    }
  }
  return reads;
}

interface JudgedCommand {
  readonly command: ShellCommand;
  readonly paths: readonly string[];
}

interface OperandRead {
  readonly path: string;
  readonly places: readonly Place[];
}

function placesThatCount(workspace: Workspace, path: string, cwds: readonly string[]): Place[] {
  const places: Place[] = [];
  for (const cwd of cwds) {
    const place = locate(workspace, path, cwd);
    if (place.inside || workspace.facts.exists(posix.resolve(cwd, path))) places.push(place);
  }
  return places;
}
