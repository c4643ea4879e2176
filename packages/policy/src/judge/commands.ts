import { posix } from 'node:path';
import type { PolicyRequest } from '../request.js';
import type { ShellCommand, ShellWord } from '../shell/line.js';
import { BUILTINS, baseName } from '../shell/programs.js';
import type { CommandIdentity, Part, View } from './part.js';
import { isInside, locate, type Place, type Workspace } from './paths.js';
import { withResource } from './resource.js';

/** One program start, with the names it may be matched under. `paths` are its {@link operandPaths}. */
export function commandPart(
  workspace: Workspace,
  request: PolicyRequest,
  command: ShellCommand,
  paths: readonly string[],
): Part {
  const identity = identify(workspace, command);
  const folders = command.cwds.map((cwd) => locate(workspace, cwd, workspace.root));
  const isCertain = command.unresolved.length === 0 && folders.every(({ inside }) => inside);
  const isWrapper =
    command.role === 'wrapper' && isCertain && identity.certainNames.some((name) => !name.includes('/'));
  return {
    action: 'shell.run',
    label: labelOf(command.words),
    views: commandViews(request, command, identity, { folders, paths }),
    command: identity,
    certain: isCertain,
    inferred: isWrapper,
  };
}

/** A start that could not be read at all: no rule can allow it, and none is told anything about it. */
export function unreadablePart(request: PolicyRequest, phrase: string): Part {
  const { subject, context, resource } = request;
  const action = { name: request.action.name, program: '', argv: [], cwd: request.action.cwd ?? '.' };
  const view = {
    attributes: { subject, action, context, resource: withResource({ paths: [] }, resource) },
    tightenOnly: false,
  };
  return { action: 'shell.run', label: phrase, views: [view], command: null, certain: false, inferred: false };
}

function identify(workspace: Workspace, command: ShellCommand): CommandIdentity {
  const [program] = command.words;
  const name = program?.value ?? null;
  if (name === null) return { words: command.words, certainNames: [], possibleNames: [] };
  const possible = new Set([name, baseName(name), baseName(name).toLowerCase()]);
  return {
    words: command.words,
    certainNames: certainNames(workspace, name, command.cwds),
    possibleNames: [...possible],
  };
}

/**
 * The names that a start certainly deserves. A bare name deserves itself if it is found outside the workspace (or not at
 * all: then nothing starts). A path deserves itself, and its last segment only if that is the very file a bare name starts.
 */
function certainNames(workspace: Workspace, name: string, cwds: readonly string[]): string[] {
  if (!name.includes('/')) {
    const isOwn = BUILTINS.has(name) || cwds.every((cwd) => startsOutside(workspace, name, cwd));
    return isOwn ? [name] : [];
  }
  if (name.startsWith('/')) {
    const base = baseName(name);
    const same = cwds.every(
      (cwd) => workspace.facts.resolveProgram(base, cwd) === name && startsOutside(workspace, base, cwd),
    );
    return same ? [name, base] : [name];
  }
  return cwds.every((cwd) => cwd === workspace.root) ? [name] : [];
}

function startsOutside(workspace: Workspace, name: string, cwd: string): boolean {
  const file = workspace.facts.resolveProgram(name, cwd);
  if (file === null) return true;
  const realRoot = workspace.facts.realRoot(workspace.root);
  const real = workspace.facts.realPath(file);
  return real !== null && !isInside(workspace.root, file) && !isInside(realRoot, real);
}

function commandViews(
  request: PolicyRequest,
  command: ShellCommand,
  identity: CommandIdentity,
  { folders, paths }: { folders: readonly Place[]; paths: readonly string[] },
): View[] {
  const { subject, context } = request;
  const { name } = request.action;
  const resource = withResource({ paths: [...paths] }, request.resource);
  const argv = command.words.map((word) => word.value ?? word.text);
  const written = command.words[0]?.value ?? command.words[0]?.text ?? '';
  const certain = identity.certainNames.find((each) => !each.includes('/')) ?? absoluteName(written, command.cwds);
  const views: View[] = [];
  for (const { lexical: cwd } of folders) {
    const add = (program: string, tightenOnly: boolean): void => {
      views.push({ attributes: { subject, context, action: { name, program, argv, cwd }, resource }, tightenOnly });
    };
    add(certain, false);
    for (const possible of identity.possibleNames) if (possible !== certain) add(possible, true);
  }
  return views;
}

/** What a rule that allows sees of a program whose name proves nothing: a path, never a bare name. */
function absoluteName(written: string, cwds: readonly string[]): string {
  return posix.resolve(cwds[0] ?? '/', written);
}

/**
 * The texts among the operands that may be paths: operands, values of `--option=value` and `name=value`, what follows the
 * letter of `-Ivalue`, `@value` and `revision:value`, and what is certain of a dynamic word.
 */
export function operandPaths(words: readonly ShellWord[]): string[] {
  const found = new Set<string>();
  for (const { value, prefix, suffix } of words.slice(1)) {
    if (value === null) {
      // `.env*` may be .env, and `~/.ssh/id_rsa` ends as it ends wherever the home folder is.
      if (prefix !== '' && !prefix.startsWith('-')) found.add(prefix);
      if (suffix.includes('/')) found.add(`unknown${suffix.slice(suffix.indexOf('/'))}`);
      continue;
    }
    addPaths(value, found);
  }
  return [...found];
}

function addPaths(value: string, found: Set<string>): void {
  const isOption = value.startsWith('-');
  if (!isOption) addPath(value, found);
  const equals = value.indexOf('=');
  if (equals > 0) addPath(value.slice(equals + 1), found);
  if (isOption && /^-[A-Za-z][^-]/.test(value)) addPath(value.slice(2), found);
  const colon = value.lastIndexOf(':');
  if (colon > 0) addPath(value.slice(colon + 1), found);
}

function addPath(candidate: string, found: Set<string>): void {
  const path = candidate.startsWith('@') ? candidate.slice(1) : candidate;
  if (path !== '' && path.length <= 4096 && !/[\0\n]/.test(path)) found.add(path);
}

function labelOf(words: readonly ShellWord[]): string {
  const text = words.map((word) => word.text).join(' ');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
