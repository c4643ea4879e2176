import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { Task } from '@signalbox/task-core';
import type { ReportReason, ReportReasonCode, TestFigures } from './report-reasons.js';

/** One check as it ran. */
export interface CheckResult {
  command: string;
  exitCode: number | null;
  timedOut: boolean;
  /** The tree that it ran on. */
  tree: string | null;
  /** The end of what it printed. */
  tail: string;
  /** How its tests came out, if it left a report. */
  tests?: TestFigures;
}

export interface VerdictInput {
  task: Pick<Task, 'type' | 'checks' | 'locks'>;
  /** Changed paths, or null where there is no git to tell. */
  changed: readonly string[] | null;
  /** Of the changed paths those that were there before. */
  existing: readonly string[];
  /** Of the changed paths those that are repositories of their own, whose files cannot land. */
  nested: readonly string[];
  /** Whether the change holds what looks like a secret. */
  secret: boolean;
  /** The tree that would land; null in place. */
  tree: string | null;
  checks: readonly CheckResult[];
  /** Files of the work that the checks themselves changed. */
  changedByChecks: readonly string[];
  /** Of the changed paths those that policy denies or wants asked about. */
  deniedPaths: readonly string[];
  askedPaths: readonly string[];
  /** Kinds of evidence that policy demands. */
  demanded: readonly string[];
  /** Kinds of evidence that we hold. */
  collected: readonly string[];
  /** Of them those that count: what is only claimed never decides. */
  counted: readonly string[];
  /** Why test reports that the checks left do not count. */
  reportReasons: readonly ReportReason[];
  /** No repository: nothing lands, and nobody can say what a check was before. */
  outsideGit?: boolean;
  /** Checks that policy does not let us run. */
  refusedChecks: readonly string[];
}

export type ReasonCode =
  | 'CHECK_FAILED'
  | 'CHECK_MISSING'
  | 'CHECK_STALE'
  | 'CHECK_REFUSED'
  | 'OUTSIDE_LOCKS'
  | 'PATH_DENIED'
  | 'PATH_ASKS'
  | 'NO_CHANGE'
  | 'NO_CHECK'
  | 'CHECK_CHANGED'
  | 'NESTED_REPOSITORY'
  | 'UNREADABLE_NAME'
  | 'SECRET'
  | 'NO_ARTEFACT'
  | 'EVIDENCE_MISSING'
  | ReportReasonCode
  /** Given to an attempt that ended before there was anything to judge. */
  | 'NOT_FINISHED';

export interface VerdictReason {
  code: ReasonCode;
  message: string;
}

export interface Verdict {
  pass: boolean;
  /** `pass` is false and another attempt would not help: a person must look. */
  needsPerson: boolean;
  /** Why not; empty when it passes. */
  reasons: VerdictReason[];
  /** How the tests came out, over all reports of the checks. Absent without a report. */
  tests?: TestFigures;
}

/** Reasons that another attempt, told of them, can mend. The rest wait for a person. */
const MENDABLE: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'CHECK_FAILED',
  'CHECK_MISSING',
  'CHECK_STALE',
  'OUTSIDE_LOCKS',
  'PATH_DENIED',
  'NO_CHANGE',
  'NO_ARTEFACT',
  'NESTED_REPOSITORY',
  'UNREADABLE_NAME',
  'REPORT_WITHOUT_RUN',
  'REPORT_RUN_UNFINISHED',
  'REPORT_STALE',
  'REPORT_OTHER_TREE',
  'REPORT_FROM_BEFORE',
  'REPORT_OUTSIDE_RUN',
  'REPORT_EMPTY',
  'REPORT_ALL_SKIPPED',
  'REPORT_HIDES_FAILURE',
  'REPORT_EXIT_DISAGREES',
  'REPORT_MALFORMED',
  'REPORT_TRUNCATED',
  'REPORT_TOO_LARGE',
  'REPORT_FORBIDDEN',
  'REPORT_CONTRADICTORY',
  'REPORT_UNREADABLE',
]);

/** Reasons for which nothing is wrong with the work, and nobody but a person can say that it is right. */
const TO_LOOK_AT: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['NO_CHECK', 'CHECK_CHANGED']);

/** Whether a person who has looked at the work may let it land as it is. */
export function wantsOnlyLook({ pass, reasons }: Verdict): boolean {
  return !pass && reasons.length > 0 && reasons.every(({ code }) => TO_LOOK_AT.has(code));
}

/** Types whose result is what the agent says, not what it changes. */
const WORDS_ONLY = new Set(['review', 'research']);

/**
 * Whether the work is done, computed from what we observed and never from what the agent says. Pure.
 *
 * The checks must have run, on the tree as the agent left it, and passed, with test reports that count; the change must lie inside the exclusive locks and
 * inside what policy allows. A `command` needs nothing more than its exit code; a review or research nothing that changed;
 * every other type a change that is not empty, and without any check a person's look.
 */
export function judgeAttempt(input: VerdictInput): Verdict {
  const reasons: VerdictReason[] = [
    ...checkReasons(input),
    ...input.reportReasons,
    ...pathReasons(input),
    ...evidenceReasons(input),
  ];
  if (reasons.length === 0) reasons.push(...substanceReasons(input));
  const mendable = reasons.some((reason) => MENDABLE.has(reason.code));
  return { pass: reasons.length === 0, needsPerson: reasons.length > 0 && !mendable, reasons };
}

function checkReasons({ task, checks, tree, refusedChecks, changedByChecks }: VerdictInput): VerdictReason[] {
  const stale = changedByChecks.map((path) => `\`${path}\``).join(', ');
  const reasons: VerdictReason[] =
    stale === '' ? [] : [{ code: 'CHECK_STALE', message: `The checks changed what they judged: ${stale}.` }];
  const perCheck = task.checks.flatMap((command): VerdictReason[] => {
    if (refusedChecks.includes(command)) {
      return [{ code: 'CHECK_REFUSED', message: `Policy does not allow the check \`${command}\`.` }];
    }
    const result = checks.find((check) => check.command === command);
    if (!result) return [{ code: 'CHECK_MISSING', message: `The check \`${command}\` did not run.` }];
    if (result.tree !== tree) {
      return [{ code: 'CHECK_STALE', message: `The check \`${command}\` ran before the last edit.` }];
    }
    if (result.exitCode === 0) return [];
    return [{ code: 'CHECK_FAILED', message: describeFailure(result) }];
  });
  return [...reasons, ...perCheck];
}

/** How a check that did not exit with 0 came out, in words, with the end of what it printed. */
export function describeFailure({ command, exitCode, timedOut, tests, tail }: CheckResult): string {
  const how = timedOut ? 'ran out of time' : `exited with ${exitCode}`;
  const names = tests && tests.failures.length > 0 ? `: ${tests.failures.join(', ')}` : '';
  const figures = tests && tests.failed > 0 ? `; ${tests.failed} of ${tests.total} tests failed${names}` : '';
  return `The check \`${command}\` ${how}${figures}.\n${tail}`.trim();
}

function pathReasons({ task, changed, nested, secret, deniedPaths, askedPaths }: VerdictInput): VerdictReason[] {
  const reasons: VerdictReason[] = [];
  if (nested.length > 0) {
    const message = `Repositories of their own cannot land with their files: ${nested.join(', ')}.`;
    reasons.push({ code: 'NESTED_REPOSITORY', message });
  }
  const unreadable = (changed ?? []).filter((path) => path.includes('\uFFFD'));
  if (unreadable.length > 0) {
    reasons.push({ code: 'UNREADABLE_NAME', message: `File names must be UTF-8: ${unreadable.join(', ')}.` });
  }
  if (secret) reasons.push({ code: 'SECRET', message: 'The change holds what looks like a secret.' });
  const outside = outsideLocks(task.locks, changed ?? []);
  if (outside.length > 0) {
    reasons.push({ code: 'OUTSIDE_LOCKS', message: `Changed outside the task's locks: ${outside.join(', ')}.` });
  }
  if (deniedPaths.length > 0) {
    reasons.push({ code: 'PATH_DENIED', message: `Changed what policy denies: ${deniedPaths.join(', ')}.` });
  }
  if (askedPaths.length > 0) {
    reasons.push({
      code: 'PATH_ASKS',
      message: `Changed what policy wants a person to see: ${askedPaths.join(', ')}.`,
    });
  }
  return reasons;
}

/** The changed paths that no exclusive lock covers. A shared lock lets its holder read, not write. */
function outsideLocks(locks: Task['locks'], changed: readonly string[]): string[] {
  if (locks.length === 0) return [];
  const globs = locks.filter((lock) => lock.mode === 'exclusive').map((lock) => parseGlob(lock.glob));
  return changed.filter((path) => !globs.some((glob) => matchesGlob(glob, path)));
}

function evidenceReasons({ demanded, counted }: VerdictInput): VerdictReason[] {
  return demanded
    .filter((kind) => !counted.includes(kind))
    .map((kind) => ({
      code: 'EVIDENCE_MISSING',
      message: `Policy demands evidence of kind ${kind}; there is none that counts.`,
    }));
}

function substanceReasons({ task, changed, existing, collected, outsideGit }: VerdictInput): VerdictReason[] {
  if (task.type === 'command') return [];
  if (WORDS_ONLY.has(task.type)) {
    if (!collected.includes('artefact')) return [{ code: 'NO_ARTEFACT', message: `The ${task.type} says nothing.` }];
    if (!changed?.length || task.checks.length > 0) return [];
    return [{ code: 'NO_CHECK', message: `A ${task.type} was asked for, and files changed: ${changed.join(', ')}.` }];
  }
  if (changed !== null && changed.length === 0) return [{ code: 'NO_CHANGE', message: 'Nothing was changed.' }];
  if (task.checks.length === 0) {
    return [{ code: 'NO_CHECK', message: 'The task has no check, so a person must look at the change.' }];
  }
  const touched = checksTouched(task.checks, changed ?? [], existing);
  if (touched.length === 0 || outsideGit) return [];
  const message = `The change touches what its own checks depend on: ${touched.join(', ')}.`;
  return [{ code: 'CHECK_CHANGED', message }];
}

// What decides how tests run, in the ecosystems that we know.
const TEST_CONFIGURATION =
  /(^|\/)(package\.json|\.npmrc|(jest|vitest|vite|playwright|cypress|karma|ava|babel)\.(config|conf)\.([cm]?[jt]sx?|json)|tsconfig(\.\w+)*\.json|(bunfig|Cargo)\.toml|deno\.jsonc?|go\.mod|\.rspec|\.mocharc(\.\w+)?|tox\.ini|pytest\.ini|pyproject\.toml|setup\.cfg|conftest\.py|(GNUm|M|m)akefile|Rakefile|build\.gradle(\.kts)?|pom\.xml)$/;

/**
 * The changed paths on which the checks themselves depend: test configuration, a file that a check names, and in a folder that
 * a check names (`test/`, `src/a/b`) every file that was there before.
 */
export function checksTouched(
  checks: readonly string[],
  changed: readonly string[],
  existing: readonly string[] = [],
): string[] {
  const words = checks.flatMap((check) => check.split(/[\s'"=;|&()]+/).map((word) => word.replace(/^\.\//, '')));
  const named = new Set(words);
  const folders = words.filter((word) => word.includes('/')).map((word) => (word.endsWith('/') ? word : `${word}/`));
  const inFolder = (path: string): boolean =>
    existing.includes(path) && folders.some((folder) => path.startsWith(folder));
  return changed.filter((path) => TEST_CONFIGURATION.test(path) || named.has(path) || inFolder(path));
}
