import type { PolicyDecisionRecord } from '@signalbox/policy';
import { type Replay, replayDecision } from '@signalbox/policy/replay';
import type { ProjectStore } from '../project/open-store.js';
import { findDecision, readDecisions, toRecord } from './find-decisions.js';

/** Takes a recorded decision again, from the texts and facts that it rested on. Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
export function replayRecorded(
  store: Pick<ProjectStore, 'ledger' | 'records'>,
  prefix: string,
): { record: PolicyDecisionRecord; result: Replay } {
  const { record } = findDecision(store, prefix);
  return { record, result: replayDecision(record, (digest) => store.records.texts.get(digest)) };
}

export interface ReplayReport {
  decisions: number;
  /** Those that did not come out as they were recorded. */
  failed: { id: string; result: Exclude<Replay, { status: 'agrees' }> }[];
}

/** Takes every recorded decision again. */
export function replayAll(store: Pick<ProjectStore, 'ledger' | 'records'>): ReplayReport {
  const report: ReplayReport = { decisions: 0, failed: [] };
  const texts = new Map<string, string | null>();
  const textOf = (digest: string): string | null => {
    const text = texts.get(digest) ?? store.records.texts.get(digest);
    texts.set(digest, text);
    return text;
  };
  for (const entry of readDecisions(store, {})) {
    const record = toRecord(entry);
    const result = replayDecision(record, textOf);
    report.decisions++;
    if (result.status !== 'agrees') report.failed.push({ id: record.id, result });
  }
  return report;
}
