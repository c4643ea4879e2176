import type { EvidenceDraft, ReportDoubtCode } from '@signalbox/audit';
import type { JsonObject } from '@signalbox/kernel';

/** Why a test report does not count, as the reasons of a verdict have it. Stable. */
export type ReportReasonCode =
  | ReportDoubtCode
  | 'REPORT_MALFORMED'
  | 'REPORT_TRUNCATED'
  | 'REPORT_TOO_LARGE'
  | 'REPORT_FORBIDDEN'
  | 'REPORT_CONTRADICTORY'
  /** It is a link, a pipe, or nothing that can be opened. */
  | 'REPORT_UNREADABLE';

export interface ReportReason {
  code: ReportReasonCode;
  /** A sentence, after what it is about. */
  message: string;
}

/** How the tests came out, over all reports that count. */
export interface TestFigures {
  total: number;
  passed: number;
  failed: number;
  skipped: number;
  /** The names of the first that failed. */
  failures: string[];
}

const NAMED_REPORTS = 5;
const NAMED_FAILURES = 10;

/** One reason a doubt, with the reports that it is about. */
export function reasonsOf(reports: readonly { label: string; draft: EvidenceDraft }[]): ReportReason[] {
  const found = new Map<string, { reason: ReportReason; labels: string[] }>();
  for (const { label, draft } of reports) {
    for (const { code, message } of doubtsOf(draft)) {
      const known = found.get(`${code} ${message}`) ?? { reason: { code, message }, labels: [] };
      known.labels.push(label);
      found.set(`${code} ${message}`, known);
    }
  }
  return [...found.values()].map(({ reason, labels }) => {
    const more = labels.length > NAMED_REPORTS ? ` and ${labels.length - NAMED_REPORTS} more` : '';
    return { ...reason, message: `${labels.slice(0, NAMED_REPORTS).join(', ')}${more}: ${reason.message}` };
  });
}

/** The sum of what the reports say; null without any that was read. */
export function figuresOf(drafts: readonly EvidenceDraft[]): TestFigures | null {
  const read = drafts.map(({ summary }) => summary).filter((summary) => typeof summary['total'] === 'number');
  if (read.length === 0) return null;
  const sum = (name: string): number => read.reduce((total, summary) => total + Number(summary[name] ?? 0), 0);
  const failures = read.flatMap((summary) => (summary['failures'] as string[] | undefined) ?? []);
  return {
    total: sum('total'),
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: failures.slice(0, NAMED_FAILURES),
  };
}

/** Adds up what several commands had to say. */
export function addFigures(all: readonly (TestFigures | null)[]): TestFigures | null {
  const some = all.filter((figures) => figures !== null);
  if (some.length === 0) return null;
  const sum = (name: 'total' | 'passed' | 'failed' | 'skipped'): number =>
    some.reduce((total, figures) => total + figures[name], 0);
  const failures = some.flatMap((figures) => figures.failures).slice(0, NAMED_FAILURES);
  return { total: sum('total'), passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), failures };
}

/** What the summary of a report says against it. */
export function doubtsOf({ summary }: Pick<EvidenceDraft, 'summary'>): ReportReason[] {
  const doubts = summary['doubts'];
  return Array.isArray(doubts) ? (doubts as JsonObject[] as unknown as ReportReason[]) : [];
}
