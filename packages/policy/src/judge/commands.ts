import { posix } from 'node:path';
import type { PolicyRequest } from '../request.js';
import type { ShellCommand, ShellWord } from '../shell/line.js';
import { BUILTINS, baseName } from '../shell/programs.js';
import type { CommandIdentity, Part, View } from './part.js';
import { isInside, locate, type Workspace } from './paths.js';

/** One program start, with the names it may be matched under. */
export function commandPart(workspace: Workspace, request: PolicyRequest, command: ShellCommand): Part {
  const identity = identify(workspace, command);
  const outside = command.cwds.filter((cwd) => !locate(workspace, cwd, workspace.root).inside);
  const isCertain = command.unresolved.length === 0 && outside.length === 0;
  const isWrapper =
    command.role === 'wrapper' && isCertain && identity.certainNames.some((name) => !name.includes('/'));
  return {
    action: 'shell.run',
    label: labelOf(command.words),
    views: commandViews(workspace, request, command, identity),
    command: identity,
    certain: isCertain,
    inferred: isWrapper,
  };
}

/** A start that could not be read at all: no rule can allow it, and none is told anything about it. */
export function unreadablePart(request: PolicyRequest, phrase: string): Part {
  const { subject, context, resource } = request;
  const action = { name: request.action.name, program: '', argv: [], cwd: request.action.cwd ?? '.' };
  const view = { attributes: { subject, action, context, resource: { ...resource, paths: [] } }, tightenOnly: false };
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
  const realRoot = workspace.facts.realPath(workspace.root) ?? workspace.root;
  const real = workspace.facts.realPath(file);
  return real !== null && !isInside(workspace.root, file) && !isInside(realRoot, real);
}

function commandViews(
  workspace: Workspace,
  request: PolicyRequest,
  command: ShellCommand,
  identity: CommandIdentity,
): View[] {
  const { subject, context, resource } = request;
  const argv = command.words.map((word) => word.value ?? word.text);
  const written = command.words[0]?.value ?? command.words[0]?.text ?? '';
  const certain = identity.certainNames.find((name) => !name.includes('/')) ?? absoluteName(written, command.cwds);
  const paths = operandPaths(command.words);
  return command.cwds.flatMap((cwd) => {
    const view = (program: string, tightenOnly: boolean): View => ({
      attributes: {
        subject,
        context,
        action: { name: request.action.name, program, argv, cwd: locate(workspace, cwd, workspace.root).lexical },
        resource: { ...resource, paths },
      },
      tightenOnly,
    });
    const others = identity.possibleNames.filter((name) => name !== certain);
    return [view(certain, false), ...others.map((name) => view(name, true))];
  });
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
    const candidates = [value.startsWith('-') ? '' : value];
    const equals = value.indexOf('=');
    if (equals > 0) candidates.push(value.slice(equals + 1));
    if (/^-[A-Za-z][^-]/.test(value)) candidates.push(value.slice(2));
    const colon = value.lastIndexOf(':');
    if (colon > 0) candidates.push(value.slice(colon + 1));
    for (const candidate of candidates) {
      const path = candidate.replace(/^@/, '');
      if (path !== '' && path.length <= 4096 && !/[\0\n]/.test(path)) found.add(path);
    }
  }
  return [...found];
}

function labelOf(words: readonly ShellWord[]): string {
  const text = words.map((word) => word.text).join(' ');
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
