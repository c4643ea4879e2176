import { type EvidenceDraft, gradeOf, type ReportRun } from '@signalbox/audit';
import type { CollectContext, TestReportCollectorOptions } from '@signalbox/audit/collectors';
import { isSignalboxError, type SignalboxError } from '@signalbox/kernel';
import type { EvidenceConfig } from '../project/evidence-config.js';
import { type FoundFile, factsOf } from './report-files.js';
import {
  doubtsOf,
  figuresOf,
  type ReportReason,
  type ReportReasonCode,
  reasonsOf,
  type TestFigures,
} from './report-reasons.js';
import { splitTap } from './split-tap.js';

type Format = EvidenceConfig['reports'][number]['format'];

/** A command of ours, what it printed, and the report files that it has written. */
export interface ReportedRun {
  command: string;
  run: ReportRun;
  stdout: Buffer;
  files: readonly FoundFile<Format>[];
  /** The files before it ran. */
  before: ReadonlyMap<string, FoundFile<Format>>;
  lastEditAt: number | null;
}

export interface RunReports {
  drafts: EvidenceDraft[];
  /** Why the reports do not count; empty if they do, or if there are none. */
  reasons: ReportReason[];
  figures: TestFigures | null;
}

interface Source {
  label: string;
  /** Nobody said that it is a report: what cannot be read as one is kept, and held against nobody. */
  isGuess: boolean;
  options: TestReportCollectorOptions;
}

/** About the whole of a run: a single file of several may be empty, or have nothing to do with its failure. */
const ABOUT_ALL: ReadonlySet<string> = new Set<ReportReasonCode>([
  'REPORT_EMPTY',
  'REPORT_ALL_SKIPPED',
  'REPORT_HIDES_FAILURE',
  'REPORT_EXIT_DISAGREES',
]);

/** Collects and judges the test reports of one run: those that it wrote, and TAP on its standard output. */
export async function collectReports(context: CollectContext, reported: ReportedRun): Promise<RunReports> {
  const { run, lastEditAt, before } = reported;
  const unreadable: { label: string; draft: EvidenceDraft }[] = [];
  const sources: Source[] = [];
  for (const file of reported.files) {
    const { path, format } = file;
    if ('fault' in file) unreadable.push({ label: path, draft: await faultyReport(context, path, format, file.fault) });
    else {
      const source = { path, before: factsOf(before.get(path)) };
      sources.push({ label: path, isGuess: false, options: { format, source, run, lastEditAt } });
    }
  }
  for (const output of splitTap(reported.stdout)) {
    const label = `The output of \`${reported.command}\``;
    sources.push({ label, isGuess: true, options: { format: 'tap', source: { output }, run, lastEditAt } });
  }
  const read = await collectAll(context, sources);
  const held = read.filter(({ isGuess, draft }) => !isGuess || typeof draft.summary['total'] === 'number');
  const drafts = [...unreadable, ...read].map(({ draft }) => draft);
  return { drafts, reasons: reasonsOf([...unreadable, ...held]), figures: figuresOf(drafts) };
}

async function collectAll(
  context: CollectContext,
  sources: readonly Source[],
): Promise<(Source & { draft: EvidenceDraft })[]> {
  const collected: (Source & { draft: EvidenceDraft })[] = [];
  for (const source of sources) collected.push({ ...source, draft: await collectOne(context, source) });
  const total = collected.length > 1 ? figuresOf(collected.map(({ draft }) => draft)) : null;
  if (!total) return collected;
  const again: (Source & { draft: EvidenceDraft })[] = [];
  for (const source of collected) {
    const isOpen = doubtsOf(source.draft).some(({ code }) => ABOUT_ALL.has(code));
    const options = { ...source.options, together: total };
    again.push(isOpen ? { ...source, draft: await collectOne(context, { ...source, options }) } : source);
  }
  return again;
}

async function collectOne(context: CollectContext, { label, options }: Source): Promise<EvidenceDraft> {
  const { createTestReportCollector } = await import('@signalbox/audit/collectors');
  try {
    const [draft] = await createTestReportCollector(options).collect(context);
    if (draft) return draft;
    throw new Error(`${label} went away while it was read`);
  } catch (error) {
    if (!isSignalboxError(error) || !isAboutReport(error.code)) throw error;
    return faultyReport(context, label, options.format, error);
  }
}

function isAboutReport(code: string): boolean {
  return code === 'COLLECT_FAILED' || code.startsWith('REPORT_');
}

/** In place of a report that cannot be read: what is in the way. */
async function faultyReport(
  context: CollectContext,
  path: string,
  format: Format,
  fault: SignalboxError,
): Promise<EvidenceDraft> {
  const { draftEvidence } = await import('@signalbox/audit/collectors');
  const code = fault.code === 'COLLECT_FAILED' ? 'REPORT_UNREADABLE' : fault.code;
  const doubts = [{ code, message: fault.message }];
  return draftEvidence({ id: 'signalbox/test-report', kind: 'test-report' }, context, {
    content: `${fault.message}\n`,
    grade: gradeOf('watched', doubts),
    tree: context.tree,
    summary: { format, path, counts: false, doubts },
  });
}
