import { posix } from 'node:path';
import type { PolicyDecisionRecord } from '../record.js';
import type { PolicyRequest } from '../request.js';
import type { ShellLine } from '../shell/line.js';
import { parseArgv, parseShellLine } from '../shell/parse.js';

/** One thing of a request that a rule can allow by itself. */
export type Act =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  /** `paths`: the names under which it is judged, as written and as the real path behind it. */
  | { readonly kind: 'file'; readonly action: 'file.read' | 'file.write'; readonly paths: readonly string[] }
  | { readonly kind: 'other' };

export interface Acts {
  readonly acts: readonly Act[];
  /** What no rule can allow, one phrase each. */
  readonly unclear: readonly string[];
}

/** Takes a request apart as the decision did. */
export function actsOf(request: PolicyRequest, record: PolicyDecisionRecord): Acts {
  const { name } = request.action;
  const root = record.replay.workspace;
  const cwd = posix.resolve(root, request.action.cwd ?? '.');
  const path = request.resource['path'];
  if ((name === 'file.read' || name === 'file.write') && typeof path === 'string') {
    return { acts: [{ kind: 'file', action: name, paths: namesOf(record, path, [cwd]) }], unclear: [] };
  }
  if (name !== 'shell.run') return { acts: [{ kind: 'other' }], unclear: [] };
  const lines = readLines(request, cwd);
  const acts: Act[] = [];
  const unclear = lines.flatMap((line) => line.unresolved);
  for (const { words, role, unresolved } of lines.flatMap((line) => line.commands)) {
    const text = words.map((word) => word.text).join(' ');
    const argv = words.flatMap(({ value }) => (value === null ? [] : [value]));
    if (unresolved.length > 0) unclear.push(...unresolved.map((phrase) => `${text}: ${phrase}`));
    else if (argv.length < words.length) unclear.push(`${text}: what it says is known only when it runs`);
    else if (argv.includes('...') || !argv[0]) unclear.push(`${text}: a rule cannot name these words`);
    else if (role === 'command') acts.push({ kind: 'command', argv });
  }
  for (const { action, target, cwds } of lines.flatMap((line) => line.redirects)) {
    acts.push({ kind: 'file', action, paths: namesOf(record, target, cwds) });
  }
  const distinct = new Map(acts.map((act) => [JSON.stringify(act), act]));
  return { acts: [...distinct.values()], unclear: [...new Set(unclear)] };
}

function readLines({ action }: PolicyRequest, cwd: string): ShellLine[] {
  const lines: ShellLine[] = [];
  if (action.command !== undefined) lines.push(parseShellLine(action.command, cwd));
  if (action.argv !== undefined && action.argv.length > 0) lines.push(parseArgv(action.argv, cwd));
  return lines;
}

function namesOf({ replay }: PolicyDecisionRecord, path: string, cwds: readonly string[]): string[] {
  const { workspace, facts } = replay;
  const realRoot = facts.realPaths[workspace] ?? workspace;
  const names = cwds.flatMap((cwd) => {
    const written = path.startsWith('/') ? path : `${cwd}/${path}`;
    const lexical = posix.resolve(written);
    const real = Object.hasOwn(facts.realPaths, written) ? facts.realPaths[written] : lexical;
    return [nameInside(workspace, lexical), nameInside(realRoot, real ?? lexical)];
  });
  return [...new Set(names)];
}

function nameInside(root: string, path: string): string {
  const isInside = path === root || path.startsWith(root === '/' ? root : `${root}/`);
  return isInside ? posix.relative(root, path) || '.' : path;
}
