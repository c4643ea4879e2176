import { leavesOf } from '@signalbox/rules';
import { matchesArgv } from '@signalbox/rules/analysis';
import { globsOverlap, parseGlob } from '@signalbox/rules/glob';
import { decide } from '../decide.js';
import type { Policy } from '../load.js';
import type { AgentRule } from './agent-rules.js';
import { expandPattern } from './argv-prefixes.js';
import { claudePermissions } from './claude-permissions.js';

/**
 * What claude may do without being told, because the policy allows exactly that and no other rule may be about it: exact
 * commands, and whole folders. A prefix of a command never is, since the policy looks at all of its words.
 */
export function claudeAllows(policy: Policy, rules: readonly AgentRule[]): string[] {
  const strict = rules.filter(({ rule }) => rule.effect !== 'allow');
  const own = rules.filter(({ rule }) => rule.effect === 'allow' && isUnconditional(rule));
  const found = own.flatMap((each) => {
    if (each.action === 'shell.run') return allowedCommands(policy, each, strict);
    return each.action === 'file.read' || each.action === 'file.write' ? allowedFolders(each, strict) : [];
  });
  return [...new Set(found)];
}

function isUnconditional({ obligations, expiresAt }: AgentRule['rule']): boolean {
  return obligations.length === 0 && expiresAt === null;
}

function allowedCommands(policy: Policy, { rule, action }: AgentRule, strict: readonly AgentRule[]): string[] {
  const { patterns, wider, lacking } = claudePermissions({ rule, action });
  if (!patterns || wider !== 'no' || lacking !== null || !rule.command || rule.command.rest) return [];
  if (strict.some(isAboutWhoAsks)) return [];
  const lists = expandPattern(rule.command) ?? [];
  return lists.flatMap((argv, index) => {
    const pattern = patterns[index];
    const hit = strict.some(
      (each) => each.action === 'shell.run' && (!each.rule.command || matchesArgv(each.rule.command, argv)),
    );
    return pattern !== undefined && !hit && isAllowed(policy, argv) ? [pattern] : [];
  });
}

// Rules about files may be about the operands, so deciding is the test.
function isAllowed(policy: Policy, argv: string[]): boolean {
  const plain = {
    realPath: (path: string) => path,
    exists: () => true,
    resolveProgram: (name: string) => `/usr/bin/${name}`,
  };
  const request = {
    subject: { kind: 'ai', id: 'agent' } as const,
    action: { name: 'shell.run', argv },
    resource: {},
    context: { headless: true, ci: false },
  };
  const { decision, errors, exceptionsUsed } = decide({ ...policy, facts: plain }, request, { id: 'compile', time: 0 });
  // An exception ends, and what is written into a file does not.
  return decision === 'allow' && errors.length === 0 && exceptionsUsed.length === 0;
}

function isAboutWhoAsks({ rule }: AgentRule): boolean {
  const leaves = [rule.when, rule.unless].flatMap((each) => (each ? leavesOf(each.formula) : []));
  return leaves.some(({ attribute }) => attribute !== 'subject.kind' && /^(?:subject|context)\./.test(attribute));
}

function allowedFolders(own: AgentRule, strict: readonly AgentRule[]): string[] {
  const { patterns, wider, lacking, globs } = claudePermissions(own);
  if (!patterns || wider !== 'no' || lacking !== null || !globs) return [];
  if (!globs.every((glob) => /^[\w.-]+(?:\/[\w.-]+)*\/\*\*$/.test(glob))) return [];
  const mayHit = strict.filter(({ action }) => action === own.action).map((each) => claudePermissions(each).globs);
  const isFree = mayHit.every((others) => others?.every((other) => !overlaps(globs, other)));
  return isFree ? [...patterns] : [];
}

// Some volumes do not tell upper from lower case.
function overlaps(globs: readonly string[], other: string): boolean {
  const lower = parseGlob(other.toLowerCase());
  return globs.some((glob) => globsOverlap(parseGlob(glob.toLowerCase()), lower));
}
