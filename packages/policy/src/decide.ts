import { canonicalJson, digestOf, isoTime, type JsonObject, messageOf } from '@signalbox/kernel';
import { type Effect, isStricter } from './effect.js';
import { PolicyError } from './errors.js';
import { explain } from './explain.js';
import { type BaseVerdict, baseVerdict } from './judge/base.js';
import { recordFacts } from './judge/facts.js';
import { type Applied, judgePart, type PartVerdict } from './judge/judge-part.js';
import { type Breakdown, breakDown } from './judge/parts.js';
import type { Policy } from './load.js';
import type { MatchedRule, ObligationState, PolicyDecisionRecord, ReasonCode } from './record.js';
import type { PolicyRequest } from './request.js';

const ENGINE = { name: 'signalbox-policy', version: '1', algorithm: 'deny-overrides/1', language: 'cel-subset/1' };

/**
 * Decides a request and says why. Depends on nothing but its arguments and the policy's facts, which the record keeps.
 * `stamp.time` is in milliseconds since the epoch. Throws `PolicyError` with code `REQUEST_INVALID` if the request is not
 * JSON.
 */
export function decide(
  policy: Policy,
  request: PolicyRequest,
  stamp: { id: string; time: number },
): PolicyDecisionRecord {
  const judged = asJson(request);
  const facts = recordFacts(policy.facts);
  const base = baseVerdict(request);
  const record = (ruling: Ruling, breakdown: Breakdown | null): PolicyDecisionRecord => ({
    id: stamp.id,
    time: isoTime(stamp.time),
    decision: ruling.decision,
    reasonCode: ruling.reasonCode,
    reason: ruling.reason,
    request: judged,
    inputDigest: digestOf(judged),
    policyDigest: policy.digest,
    layers: policy.layers.map(({ scope, path, digest, state }) => ({ scope, path, digest, state })),
    engine: ENGINE,
    matched: ruling.verdicts.length === 0 ? [] : listMatched(ruling.verdicts),
    determining: ruling.determining,
    exceptionsUsed: listExceptions(ruling.verdicts),
    obligations: ruling.obligations,
    errors: listErrors(ruling.verdicts),
    normalised: breakdown?.normalised ?? { commands: [], unresolved: [] },
    replay: { deterministic: true, clock: isoTime(stamp.time), workspace: policy.workspace, facts: facts.recorded },
  });
  const [problem] = policy.problems;
  if (problem) {
    const place = `${problem.file}:${problem.line}:${problem.column}`;
    const [first] = problem.message.split('\n');
    return record(closed('error.policy', `The policy file is not valid (${place}): ${first}`), null);
  }
  if (base?.effect === 'deny') return record(closed('base', base.reason), null);
  const breakdown = breakDown({ root: policy.workspace, facts }, request);
  const verdicts = breakdown.parts.map((part) => judgePart(policy, base, part, stamp.time));
  return record(combine(policy, base, verdicts), breakdown);
}

interface Ruling {
  decision: Effect;
  reasonCode: ReasonCode;
  reason: string;
  determining: string[];
  obligations: ObligationState[];
  verdicts: readonly PartVerdict[];
}

function closed(reasonCode: ReasonCode, reason: string): Ruling {
  return { decision: 'deny', reasonCode, reason, determining: [], obligations: [], verdicts: [] };
}

/** The strictest part decides; then every obligation of what decided the parts must be met. */
function combine(policy: Policy, base: BaseVerdict | null, verdicts: readonly PartVerdict[]): Ruling {
  const speaking = verdicts.filter((verdict) => verdict.decision !== null);
  const strictestPart = speaking.reduce<PartVerdict | undefined>(
    (found, verdict) => (found && !precedes(verdict, found) ? found : verdict),
    undefined,
  );
  const decision = strictestPart?.decision ?? 'deny';
  const reasonCode = strictestPart?.reasonCode ?? 'default';
  const deciding = speaking.filter((verdict) => verdict.decision === decision);
  const obligations = listObligations(speaking);
  const unmet = decision === 'deny' ? undefined : obligations.find((obligation) => obligation.state === 'unmet');
  if (unmet) {
    const reason = `${unmet.rule} obliges to the sandbox "${unmet.want}", and there is none.`;
    return {
      decision: 'deny',
      reasonCode: 'obligation.unmet',
      reason,
      determining: [unmet.rule],
      obligations,
      verdicts,
    };
  }
  const determining = unique(deciding.flatMap((verdict) => verdict.determining.map(({ rule }) => rule.id)));
  const reason = explain(strictestPart, policy.default, base);
  return { decision, reasonCode, reason, determining, obligations, verdicts };
}

// Among equally strict parts one that a rule decided explains most.
function precedes(a: PartVerdict, b: PartVerdict): boolean {
  const [decisionA, decisionB] = [a.decision ?? 'allow', b.decision ?? 'allow'];
  if (decisionA !== decisionB) return isStricter(decisionA, decisionB);
  return a.reasonCode.startsWith('rule.') && !b.reasonCode.startsWith('rule.');
}

function listObligations(verdicts: readonly PartVerdict[]): ObligationState[] {
  const found = new Map<string, ObligationState>();
  for (const { rule } of verdicts.flatMap((verdict) => verdict.determining)) {
    for (const { kind, want } of rule.obligations) {
      const state = kind === 'evidence' ? 'pending' : want === 'none' ? 'met' : 'unmet';
      found.set(`${rule.id} ${kind} ${want}`, { kind, want, rule: rule.id, state });
    }
  }
  return [...found.values()];
}

function listMatched(verdicts: readonly PartVerdict[]): MatchedRule[] {
  const found = new Map<string, MatchedRule>();
  for (const { rule } of verdicts.flatMap((verdict) => verdict.matched)) {
    const { id, effect, at, mode, enforce } = rule;
    found.set(id, { rule: id, effect, at, applied: mode === 'enforce', enforce });
  }
  return [...found.values()];
}

function listExceptions(verdicts: readonly PartVerdict[]): PolicyDecisionRecord['exceptionsUsed'] {
  const used = verdicts.flatMap((verdict) => verdict.matched).filter(isExcepted);
  const found = new Map(
    used.map(({ exception: { rule, effect, at, by, reason } }) => [
      at,
      { rule, effect, at, ...(by === null ? {} : { by }), ...(reason === null ? {} : { reason }) },
    ]),
  );
  return [...found.values()];
}

function isExcepted(applied: Applied): applied is Applied & { exception: NonNullable<Applied['exception']> } {
  return applied.exception !== null && applied.rule.mode === 'enforce';
}

function listErrors(verdicts: readonly PartVerdict[]): PolicyDecisionRecord['errors'] {
  const found = new Map<string, PolicyDecisionRecord['errors'][number]>();
  for (const { rule, message } of verdicts.flatMap((verdict) => verdict.errors)) {
    found.set(`${rule.id} ${message}`, { rule: rule.id, at: rule.at, message });
  }
  return [...found.values()];
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

function asJson(request: PolicyRequest): JsonObject {
  try {
    return JSON.parse(canonicalJson(request)) as JsonObject;
  } catch (thrown) {
    throw new PolicyError({
      code: 'REQUEST_INVALID',
      message: `The request is not JSON: ${messageOf(thrown)}`,
      hint: 'Pass plain objects, lists, text, finite numbers and booleans.',
      cause: thrown,
    });
  }
}
