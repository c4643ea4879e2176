import type { EvidenceDraft } from '@signalbox/audit';
import type { PolicyDecisionRecord } from '@signalbox/policy';

/** Kinds of which there is never more than somebody's word: to demand one is to demand that it was said. */
const WORDS: ReadonlySet<string> = new Set(['artefact', 'log', 'usage']);

/** The kinds of evidence that a decision obliges to, each once. */
export function evidenceWanted({ obligations }: Pick<PolicyDecisionRecord, 'obligations'>): string[] {
  return [...new Set(obligations.filter(({ kind }) => kind === 'evidence').map(({ want }) => want))];
}

/** The kinds of evidence that decide: what is only claimed does not, and neither does what there is a doubt about. */
export function kindsThatCount(evidence: readonly Pick<EvidenceDraft, 'kind' | 'grade'>[]): string[] {
  return [
    ...new Set(evidence.filter(({ kind, grade }) => grade !== 'claimed' || WORDS.has(kind)).map(({ kind }) => kind)),
  ];
}

/** Of the kinds of evidence that are `wanted` those that are not among `kinds`. */
export function missingEvidence(wanted: readonly string[], kinds: readonly string[]): string[] {
  return wanted.filter((kind) => !kinds.includes(kind));
}
