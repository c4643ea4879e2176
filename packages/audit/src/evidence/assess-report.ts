import type { Digest } from '@signalbox/kernel';
import type { EvidenceGrade } from './evidence.js';

/** What a test report says in numbers. The `TestReport` of `@signalbox/audit/collectors` is one. */
export interface ReportFigures {
  total: number;
  failed: number;
  skipped: number;
  /** ISO 8601. */
  startedAt?: string;
  finishedAt?: string;
}

/** A command that **we** ran and that could have written the report. Never one that the agent ran or says it ran. */
export interface ReportRun {
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
  /** `null` if it was killed or ran out of time. */
  exitCode: number | null;
  /** Digest of the tree that it ran on, if there is one. */
  tree: string | null;
}

/** A file at one moment. */
export interface FileFacts {
  digest: Digest;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

export interface ReportContext {
  /** `null`: we ran nothing that could have written it. */
  run: ReportRun | null;
  /** When the agent last changed anything, in milliseconds since the epoch; `null` if it changed nothing. */
  lastEditAt: number | null;
  /** Digest of the tree that the report is to speak for, if it is known. */
  tree: string | null;
  /** The report's file just before the run, or `null` if there was none. */
  before: FileFacts | null;
  /** The report's file after the run, or `null` if the report was what the run printed. */
  after: FileFacts | null;
  /** How far the times of a file system or a test tool may be off, in milliseconds. Default 2,000: FAT counts in twos. */
  toleranceMs?: number;
}

/** Why a report does not count. Stable. */
export type ReportDoubtCode =
  | 'REPORT_WITHOUT_RUN'
  | 'REPORT_RUN_UNFINISHED'
  | 'REPORT_STALE'
  | 'REPORT_OTHER_TREE'
  | 'REPORT_FROM_BEFORE'
  | 'REPORT_OUTSIDE_RUN'
  | 'REPORT_EMPTY'
  | 'REPORT_ALL_SKIPPED'
  | 'REPORT_HIDES_FAILURE'
  | 'REPORT_EXIT_DISAGREES';

export interface ReportDoubt {
  code: ReportDoubtCode;
  /** One sentence. */
  message: string;
}

export interface ReportAssessment {
  /** The report may be used as evidence. That its tests passed is another question: see `failed`. */
  counts: boolean;
  /** Every reason against it, not only the first. */
  doubts: ReportDoubt[];
  /** `verified` if it counts, else `claimed`: a report that we did not cause is somebody's word. */
  grade: EvidenceGrade;
}

const TOLERANCE_MS = 2_000;

/** Decides whether a test report proves anything, and says every reason why not. Pure. */
export function assessReport(report: ReportFigures, context: ReportContext): ReportAssessment {
  const doubts = [
    ...doubtContent(report),
    ...(context.run ? doubtRun(report, context, context.run) : [doubt('REPORT_WITHOUT_RUN')]),
  ];
  const counts = doubts.length === 0;
  return { counts, doubts, grade: counts ? 'verified' : 'claimed' };
}

function doubtContent({ total, skipped }: ReportFigures): ReportDoubt[] {
  if (total === 0) return [doubt('REPORT_EMPTY')];
  return skipped === total ? [doubt('REPORT_ALL_SKIPPED')] : [];
}

function doubtRun(report: ReportFigures, context: ReportContext, run: ReportRun): ReportDoubt[] {
  const tolerance = context.toleranceMs ?? TOLERANCE_MS;
  const codes: (ReportDoubtCode | false)[] = [
    run.exitCode === null && 'REPORT_RUN_UNFINISHED',
    // Our own clock says both times, so nothing is tolerated here.
    context.lastEditAt !== null && run.startedAt < context.lastEditAt && 'REPORT_STALE',
    context.tree !== null && run.tree !== null && context.tree !== run.tree && 'REPORT_OTHER_TREE',
    isFromBefore(context, run, tolerance) && 'REPORT_FROM_BEFORE',
    isOutside(report, run, tolerance) && 'REPORT_OUTSIDE_RUN',
    run.exitCode !== null && run.exitCode !== 0 && report.failed === 0 && 'REPORT_HIDES_FAILURE',
    run.exitCode === 0 && report.failed > 0 && 'REPORT_EXIT_DISAGREES',
  ];
  return codes.filter((code) => code !== false).map(doubt);
}

/** The run did not touch the file: a program that writes the same bytes again still moves the time. */
function isFromBefore({ before, after }: ReportContext, run: ReportRun, tolerance: number): boolean {
  if (!after) return false;
  const untouched = before !== null && before.digest === after.digest && before.modifiedAt === after.modifiedAt;
  return untouched || after.modifiedAt < run.startedAt - tolerance;
}

function isOutside({ startedAt, finishedAt }: ReportFigures, run: ReportRun, tolerance: number): boolean {
  return [startedAt, finishedAt].some((time) => {
    if (time === undefined) return false;
    const at = Date.parse(time);
    return !(at >= run.startedAt - tolerance && at <= run.finishedAt + tolerance);
  });
}

const MESSAGES: Record<ReportDoubtCode, string> = {
  REPORT_WITHOUT_RUN: 'We ran no command that could have written this report.',
  REPORT_RUN_UNFINISHED: 'The command that was to write the report was stopped before it ended.',
  REPORT_STALE: 'The tests ran before the last edit, so they say nothing about the work as it is.',
  REPORT_OTHER_TREE: 'The tests ran on other files than those that the report is to speak for.',
  REPORT_FROM_BEFORE: 'The report file was there before the run, and the run did not write it.',
  REPORT_OUTSIDE_RUN: 'The times in the report do not lie within the run.',
  REPORT_EMPTY: 'No test ran.',
  REPORT_ALL_SKIPPED: 'Every test was skipped.',
  REPORT_HIDES_FAILURE: 'The report lists no failure, but the command that wrote it failed.',
  REPORT_EXIT_DISAGREES: 'The report lists failures, but the command that wrote it succeeded.',
};

function doubt(code: ReportDoubtCode): ReportDoubt {
  return { code, message: MESSAGES[code] };
}

/** Where a piece of evidence comes from. */
export type EvidenceOrigin =
  /** An agent says so, wrote it, or left it lying about. */
  | 'agent'
  /** We looked at what somebody did: a difference, a tool call that passed through us, a file that is there. */
  | 'watched'
  /** We did it ourselves, on files that the agent no longer touches: a check, a test run. */
  | 'own-run';

/**
 * The one rule for grades: `agent` is `claimed`, `watched` is `observed`, `own-run` is `verified`. Whatever there is a doubt
 * about is `claimed`, wherever it comes from. `claimed` evidence never decides.
 */
export function gradeOf(origin: EvidenceOrigin, doubts: readonly unknown[] = []): EvidenceGrade {
  if (doubts.length > 0 || origin === 'agent') return 'claimed';
  return origin === 'watched' ? 'observed' : 'verified';
}
