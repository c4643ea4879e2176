import { leavesOf } from '@signalbox/rules';
import { describeFinding, type Finding, findConflicts, type UnknownConflict } from '@signalbox/rules/analysis';
import { ACTIONS, attributesOf } from '../attributes.js';
import type { Policy } from '../load.js';
import { type Subject, type Subjects, subjectsOf } from './analysed-rules.js';
import { BASE_RULES } from './base-rules.js';
import { confirmedRequest, onPlainMachine } from './confirm.js';
import { describeRequest } from './describe-request.js';
import type { FindingsOptions, FindingsReport, PolicyFinding, UnknownFinding } from './finding.js';
import { PHANTOM_SCHEMA } from './phantom.js';
import { findUnanswerable } from './unanswerable.js';

/** Attributes that every request for an action has, whoever asks. */
const ALWAYS = ['subject.kind', 'subject.id', 'context.headless', 'context.ci'];
const SHELL = ['action.program', 'action.argv', 'action.cwd', 'resource.paths'];
const FILE = ['resource.path', 'resource.inside'];

/** Attributes that differ between a path as written and the real path behind it, or between folders a command may run in. */
const SEEN_TWICE = ['resource.path', 'resource.inside', 'resource.in_locks', 'action.cwd', 'action.program'];

/**
 * Finds rules of a policy that never decide, contradict each other, say no more than others, cannot be answered, or loosen what an upper layer
 * does not permit; with `gaps`, also requests that no rule is about. The built-in base, exceptions, obligations and trust
 * are taken into account. A finding is about file requests that name a path and about commands whose program is known, and
 * `decide` has confirmed its witness; one that it does not confirm is in `unknown`, and so is what the budget did not
 * suffice for. Reads nothing from the machine.
 */
export function findPolicyConflicts(policy: Policy, options: FindingsOptions = {}): FindingsReport {
  const [problem] = policy.problems;
  if (problem) {
    const at = `${problem.file}:${problem.line}:${problem.column}`;
    return { findings: [], unknown: [{ rule: null, at, reason: 'The policy is not valid, so it denies everything.' }] };
  }
  const { now, budget, totalBudget, gaps } = options;
  const subjects = subjectsOf(policy, now);
  const report = findConflicts(subjects.analysed, {
    layers: subjects.layers,
    default: policy.default,
    actions: ACTIONS,
    required: requiredOf,
    ...(budget === undefined ? {} : { budget }),
    ...(totalBudget === undefined ? {} : { totalBudget }),
    ...(gaps === undefined ? {} : { gaps }),
  });
  const findings: PolicyFinding[] = [];
  const unknown = report.unknown.flatMap((each) => explainUnknown(subjects, each));
  const plain = onPlainMachine(policy);
  for (const finding of report.findings) {
    const judged = judgeFinding(plain, subjects, finding, now);
    if (judged === null) continue;
    if ('reason' in judged) unknown.push(judged);
    else findings.push(judged);
  }
  const inForce = [...subjects.byKey.values()].map(({ rule }) => rule);
  for (const each of findUnanswerable(plain, inForce, { now, required: requiredOf })) {
    if ('reason' in each) unknown.push(each);
    else findings.push(each);
  }
  return { findings, unknown };
}

function requiredOf(action: string) {
  const schema = attributesOf(action);
  const names = [...ALWAYS, ...(action === 'shell.run' ? SHELL : action.startsWith('file.') ? FILE : [])];
  const own = Object.entries(schema).filter(([name]) => names.includes(name));
  return { ...PHANTOM_SCHEMA, ...Object.fromEntries(own) };
}

function explainUnknown({ byKey }: Subjects, { rule, reason }: UnknownConflict): UnknownFinding[] {
  if (rule !== null && !byKey.has(rule)) return [];
  const subject = rule === null ? undefined : byKey.get(rule);
  return [{ rule: subject?.rule.id ?? null, at: subject?.rule.at ?? null, reason: `Not found out: ${reason}.` }];
}

/** A finding about a rule of the policy, confirmed; `null` for what is about the base or is no fault. */
function judgeFinding(
  policy: Policy,
  subjects: Subjects,
  finding: Finding,
  now: number | undefined,
): PolicyFinding | UnknownFinding | null {
  const [key, ...otherKeys] = finding.rules;
  const subject = key === undefined ? null : (subjects.byKey.get(key) ?? null);
  if (key !== undefined && subject === null) return null;
  const isAudit = subject?.rule.mode === 'audit';
  if (isAudit && finding.kind === 'redundant') return null;
  const others = otherKeys.map((each) => subjects.byKey.get(each)?.rule.id ?? each);
  const doubt = subject && finding.kind === 'redundant' ? doubtOf(policy, subjects, subject, otherKeys) : null;
  if (doubt) return { rule: subject?.rule.id ?? null, at: subject?.rule.at ?? null, reason: doubt };
  const rules = subject ? [subject.rule.id, ...others] : [];
  const request = confirmedRequest(policy, finding, { rule: subject?.rule ?? null, others }, now);
  const message = describeFinding({ ...finding, rules });
  if (finding.witness && !request) {
    const reason = `No request confirms this: ${message}`;
    return { rule: subject?.rule.id ?? null, at: subject?.rule.at ?? null, reason };
  }
  return {
    kind: finding.kind,
    severity: isAudit ? 'warning' : finding.severity,
    rules,
    at: finding.rules.map((each) => placeOf(subjects, each)),
    message,
    witness: request,
    witnessText: request && describeRequest(request),
  };
}

function placeOf({ byKey }: Subjects, key: string): string {
  return byKey.get(key)?.rule.at ?? BASE_RULES.find(({ id }) => id === key)?.at ?? 'built-in';
}

/** Why it is not certain that removing a rule changes nothing, although these others match wherever it does. */
function doubtOf(policy: Policy, subjects: Subjects, { rule }: Subject, keys: readonly string[]): string | null {
  const others = keys.flatMap((key) => subjects.byKey.get(key)?.rule ?? []);
  if (rule.trusted && policy.default === 'deny' && others.some((other) => !other.trusted)) {
    return 'Rules of a file that is not trusted match wherever this one does, but they do not replace the default.';
  }
  const seen = others.filter((other) => other.effect === 'allow' && usesWhatIsSeenTwice(other));
  if (rule.effect !== 'allow' || seen.length < 2) return null;
  return 'Other rules together allow what this one does, but none of them alone allows a link from one to the other.';
}

function usesWhatIsSeenTwice({ when, unless }: Subject['rule']): boolean {
  const leaves = [when, unless].flatMap((each) => (each ? leavesOf(each.formula) : []));
  return leaves.some(({ attribute }) => SEEN_TWICE.includes(attribute));
}
