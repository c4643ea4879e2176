import { type Effect, isStricter } from '../effect.js';
import type { NormalisedCommands, ObligationState, ReasonCode } from '../record.js';
import type { PolicyRequest } from '../request.js';
import type { RecordedFacts } from './facts.js';
import type { PartVerdict } from './judge-part.js';
import { awaitsPerson, explainAwaited, explainUnmet, listObligations } from './obligations.js';

/** A decision with what it rests on, before any record is made of it. */
export interface Verdict {
  readonly decision: Effect;
  readonly reasonCode: ReasonCode;
  /** Full ids of the rules that the decision rests on. */
  readonly determining: string[];
  readonly obligations: ObligationState[];
  /** One verdict for each thing the request would do; empty where no rule was asked. */
  readonly parts: readonly PartVerdict[];
  /** The part that decided. */
  readonly decisive: PartVerdict | null;
  /** One sentence, where it is not the rule that decided which says why. */
  readonly reason: string | null;
  /** `null` for what is not a command. */
  readonly normalised: NormalisedCommands | null;
  /** What was asked of the machine; `null` for a request that asked nothing. */
  readonly facts: RecordedFacts | null;
}

type Learnt = Pick<Verdict, 'normalised' | 'facts'>;

/** A deny that no rule was asked about. */
export function closed(reasonCode: ReasonCode, reason: string, facts: RecordedFacts | null = null): Verdict {
  return {
    decision: 'deny',
    reasonCode,
    determining: [],
    obligations: [],
    parts: [],
    decisive: null,
    reason,
    normalised: null,
    facts,
  };
}

/** The strictest part decides; then every obligation of what decided the parts must be met, and whoever must agree be asked. */
export function combine(parts: readonly PartVerdict[], request: PolicyRequest, learnt: Learnt): Verdict {
  const decisive = strictestPart(parts);
  const decision = decisive?.decision ?? 'deny';
  const obligations = listObligations(parts, request);
  const outcome =
    (decision !== 'deny' && obligations.length > 0 ? obliged(decision, obligations, request) : null) ??
    ruled(parts, decisive, decision);
  // Written out: spreading one part of it over another takes longer than judging a part.
  return {
    decision: outcome.decision,
    reasonCode: outcome.reasonCode,
    determining: outcome.determining,
    obligations,
    parts,
    decisive,
    reason: outcome.reason,
    normalised: learnt.normalised,
    facts: learnt.facts,
  };
}

type Outcome = Pick<Verdict, 'decision' | 'reasonCode' | 'determining' | 'reason'>;

function ruled(parts: readonly PartVerdict[], decisive: PartVerdict | null, decision: Effect): Outcome {
  const determining = decidingRules(parts, decision);
  return { decision, reasonCode: decisive?.reasonCode ?? 'default', determining, reason: null };
}

/** What the obligations make of a decision; `null` if they leave it as it is. */
function obliged(decision: Effect, obligations: readonly ObligationState[], request: PolicyRequest): Outcome | null {
  const unmet = obligations.find(({ state }) => state === 'unmet');
  if (unmet) {
    const reason = explainUnmet(unmet, request);
    return { decision: 'deny', reasonCode: 'obligation.unmet', determining: [unmet.rule], reason };
  }
  const awaited = obligations.filter(awaitsPerson);
  if (decision !== 'allow' || awaited.length === 0) return null;
  const determining = [...new Set(awaited.map(({ rule }) => rule))];
  return { decision: 'ask', reasonCode: 'obligation.approval', determining, reason: explainAwaited(awaited) };
}

function decidingRules(parts: readonly PartVerdict[], decision: Effect): string[] {
  const ids: string[] = [];
  for (const part of parts) {
    if (part.decision !== decision) continue;
    for (const { rule } of part.determining) if (!ids.includes(rule.id)) ids.push(rule.id);
  }
  return ids;
}

function strictestPart(parts: readonly PartVerdict[]): PartVerdict | null {
  let found: PartVerdict | null = null;
  for (const part of parts) if (part.decision !== null && (found === null || precedes(part, found))) found = part;
  return found;
}

// Among equally strict parts one that a rule decided explains most.
function precedes(a: PartVerdict, b: PartVerdict): boolean {
  const [decisionA, decisionB] = [a.decision ?? 'allow', b.decision ?? 'allow'];
  if (decisionA !== decisionB) return isStricter(decisionA, decisionB);
  return a.reasonCode.startsWith('rule.') && !b.reasonCode.startsWith('rule.');
}
