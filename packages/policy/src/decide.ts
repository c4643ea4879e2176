import { isoTime, sha256 } from '@signalbox/kernel';
import { evaluateRequest } from './evaluate.js';
import { explain } from './explain.js';
import type { Applied, PartVerdict } from './judge/judge-part.js';
import { copyRequest } from './judged-request.js';
import type { Policy } from './load.js';
import type { MatchedRule, PolicyDecisionRecord } from './record.js';
import type { PolicyRequest } from './request.js';

const ENGINE = { name: 'signalbox-policy', version: '1', algorithm: 'deny-overrides/1', language: 'cel-subset/1' };

/**
 * Decides a request and says why. Depends on nothing but its arguments and the policy's facts, which the record keeps; when
 * the policy was loaded makes no difference. `stamp.time` is in milliseconds since the epoch. Throws `PolicyError` with code
 * `REQUEST_INVALID` if the request is not JSON.
 */
export function decide(
  policy: Policy,
  request: PolicyRequest,
  stamp: { id: string; time: number },
): PolicyDecisionRecord {
  // What is judged is what is recorded, whatever becomes of the caller's object.
  const { copy, text } = copyRequest(request);
  const judged = copy as unknown as PolicyRequest;
  const verdict = evaluateRequest(policy, judged, stamp.time);
  const { decision, reasonCode, determining, obligations, parts, normalised, facts } = verdict;
  const time = isoTime(stamp.time);
  return {
    id: stamp.id,
    time,
    decision,
    reasonCode,
    reason: explain(policy, verdict, judged),
    request: copy,
    inputDigest: sha256(text),
    policyDigest: policy.digest,
    layers: policy.layers.map(({ scope, path, digest, state }) => ({ scope, path, digest, state })),
    engine: ENGINE,
    matched: listMatched(parts),
    determining,
    exceptionsUsed: listExceptions(parts),
    obligations,
    errors: listErrors(parts),
    normalised: normalised ?? { commands: [], unresolved: [] },
    replay: {
      deterministic: true,
      clock: time,
      workspace: policy.workspace,
      facts: facts?.recorded() ?? { realPaths: {}, exists: {}, programs: {} },
    },
  };
}

function listMatched(verdicts: readonly PartVerdict[]): MatchedRule[] {
  const found: MatchedRule[] = [];
  const seen = verdicts.length > 1 ? new Set<string>() : null;
  for (const { matched } of verdicts) {
    for (const { rule } of matched) {
      const { id, effect, at, mode, enforce } = rule;
      // By its place: of a file that has changed since it was agreed to, both texts may have a rule of this name.
      if (seen?.has(at)) continue;
      seen?.add(at);
      found.push({ rule: id, effect, at, applied: mode === 'enforce', enforce });
    }
  }
  return found;
}

function listExceptions(verdicts: readonly PartVerdict[]): PolicyDecisionRecord['exceptionsUsed'] {
  const found: PolicyDecisionRecord['exceptionsUsed'] = [];
  for (const { matched } of verdicts) {
    for (const applied of matched) {
      if (!isExcepted(applied)) continue;
      const { rule, effect, at, by, reason } = applied.exception;
      if (found.some((each) => each.at === at)) continue;
      found.push({ rule, effect, at, ...(by === null ? {} : { by }), ...(reason === null ? {} : { reason }) });
    }
  }
  return found;
}

function isExcepted(applied: Applied): applied is Applied & { exception: NonNullable<Applied['exception']> } {
  return applied.exception !== null && applied.rule.mode === 'enforce';
}

function listErrors(verdicts: readonly PartVerdict[]): PolicyDecisionRecord['errors'] {
  const found: PolicyDecisionRecord['errors'] = [];
  for (const { errors } of verdicts) {
    for (const { rule, message } of errors) {
      if (found.some((each) => each.rule === rule.id && each.message === message)) continue;
      found.push({ rule: rule.id, at: rule.at, message });
    }
  }
  return found;
}
