import type { EvidenceDraft, ReportRun } from '@signalbox/audit';
import { attemptBlobs, collectContext } from './collect-context.js';
import { type CommandRun, type CommandScope, runCommand } from './commands.js';
import type { ExecutorEnv } from './env.js';
import { collectExtras } from './extra-evidence.js';
import { changedFiles, findFiles } from './report-files.js';
import { addFigures, type ReportReason, type TestFigures } from './report-reasons.js';
import { collectReports, type ReportedRun, type RunReports } from './reports.js';
import type { CheckResult } from './verdict.js';

export interface ChecksOutcome {
  results: CheckResult[];
  drafts: EvidenceDraft[];
  /** Why test reports that were found do not count. */
  reportReasons: ReportReason[];
  /** How the tests came out, if there was a report. */
  tests: TestFigures | null;
}

type ChecksScope = Omit<CommandScope, 'blobs'> & Partial<Pick<CommandScope, 'blobs'>>;

type ReportFiles = ReportedRun['before'];

/**
 * Runs the checks one after the other on the folder as it is, and collects what they leave: their output, test reports,
 * coverage, files. `tree` is what they are taken to speak about.
 */
export async function runChecks(
  env: ExecutorEnv,
  given: ChecksScope,
  checks: readonly string[],
  tree: string | null,
): Promise<ChecksOutcome> {
  const scope: CommandScope = { ...given, blobs: given.blobs ?? attemptBlobs(env) };
  const { task, marker, folder, blobs } = scope;
  const context = collectContext(env, { task, attempt: marker.attempt, folder, tree, blobs });
  const outcome: ChecksOutcome = { results: [], drafts: [], reportReasons: [], tests: null };
  const take = ({ drafts, reasons, figures }: RunReports): void => {
    outcome.drafts.push(...drafts);
    outcome.reportReasons.push(...reasons);
    outcome.tests = addFigures([outcome.tests, figures]);
  };
  const first = await findFiles(folder, env.collect.reports);
  const coverage = await findFiles(folder, env.collect.coverage);
  const written = new Set<string>();
  let before: ReportFiles = first;
  let last: ReportedRun | null = null;
  let startedAt: number | null = null;
  for (const command of checks) {
    const run = await runCommand(env, scope, command, { purpose: 'check', tree });
    const { result, draft, tail } = run;
    startedAt ??= run.startedAt;
    outcome.drafts.push(draft);
    const checked: CheckResult = { command, exitCode: result.code, timedOut: result.timedOut, tree, tail };
    outcome.results.push(checked);
    if (scope.signal.aborted) return outcome;
    const after = await findFiles(folder, env.collect.reports);
    const files = changedFiles(before, after);
    for (const { path } of files) written.add(path);
    last = { command, ...reportedRun(run, tree), files, before, lastEditAt: scope.lastEditAt ?? null };
    const reports = await collectReports(context, last);
    if (reports.figures) checked.tests = reports.figures;
    take(reports);
    before = after;
  }
  if (last === null || startedAt === null) return outcome;
  // What nobody has written is what somebody left there.
  const left = [...before.values()].filter(({ path }) => !written.has(path));
  const { drafts, reasons } = await collectReports(context, {
    ...last,
    stdout: Buffer.alloc(0),
    files: left,
    before: first,
  });
  take({ drafts, reasons, figures: null });
  outcome.drafts.push(
    ...(await collectExtras(env, context, {
      ...{ coverage, run: { ...last.run, startedAt }, lastEditAt: last.lastEditAt },
      copied: scope.copied ?? [],
    })),
  );
  return outcome;
}

function reportedRun(
  { result, startedAt, finishedAt }: CommandRun,
  tree: string | null,
): Pick<ReportedRun, 'run' | 'stdout'> {
  const run: ReportRun = { startedAt, finishedAt, exitCode: result.timedOut ? null : result.code, tree };
  return { run, stdout: result.dropped.stdout > 0 ? Buffer.alloc(0) : result.stdout };
}
