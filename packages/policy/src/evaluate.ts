import { messageOf } from '@signalbox/kernel';
import { isStricter } from './effect.js';
import { baseVerdict } from './judge/base.js';
import { compiledRules } from './judge/compiled-rules.js';
import { RecordedFacts } from './judge/facts.js';
import { judgePart } from './judge/judge-part.js';
import { breakDown } from './judge/parts.js';
import { closed, combine, type Verdict } from './judge/verdict.js';
import type { Policy } from './load.js';
import type { PolicyRequest } from './request.js';

/**
 * Decides a request without making a record of it: for what is asked often and not acted upon. `time` is in milliseconds
 * since the epoch. Depends on nothing but its arguments and the policy's facts, and never throws: what cannot be judged is
 * denied.
 */
export function evaluateRequest(policy: Policy, request: PolicyRequest, time: number): Verdict {
  const [problem] = policy.problems;
  if (problem) {
    const place = `${problem.file}:${problem.line}:${problem.column}`;
    const [first] = problem.message.split('\n');
    return closed('error.policy', `The policy file is not valid (${place}): ${first}`);
  }
  const facts = new RecordedFacts(policy.facts);
  try {
    return judge(policy, request, facts, time);
  } catch (thrown) {
    return closed('error.eval', `The request could not be judged: ${messageOf(thrown)}`, facts);
  }
}

function judge(policy: Policy, request: PolicyRequest, facts: RecordedFacts, now: number): Verdict {
  const base = baseVerdict(request);
  if (base?.effect === 'deny') return closed('base', base.reason);
  const { parts, normalised } = breakDown({ root: policy.workspace, facts }, request);
  const setting = { rules: compiledRules(policy), default: policy.default, base, request, now };
  const verdicts = parts.map((part) => judgePart(setting, part));
  const verdict = combine(verdicts, request, { normalised, facts });
  const { unredacted } = request.context;
  return unredacted ? withheld(verdict, unredacted) : verdict;
}

/** The verdict on what is left of a request, with what was found about the whole. */
function withheld(verdict: Verdict, whole: NonNullable<PolicyRequest['context']['unredacted']>): Verdict {
  const { decision, rules } = whole;
  const known = new Set(verdict.obligations.map(({ rule, kind, want }) => `${rule} ${kind} ${want}`));
  const more = whole.obligations.filter(({ rule, kind, want }) => !known.has(`${rule} ${kind} ${want}`));
  const obliged = { ...verdict, obligations: [...verdict.obligations, ...more] };
  if (!isStricter(decision, verdict.decision)) return obliged;
  const who = rules.length > 0 ? rules.join(', ') : 'the default';
  const verb = decision === 'deny' ? 'denies' : 'asks about';
  const reason = `A part of this is withheld as a secret; ${who} ${verb} the whole.`;
  return { ...obliged, decision, reasonCode: `rule.${decision}`, determining: rules, reason };
}
