import { checkPolicy } from '../check.js';
import { decide } from '../decide.js';
import { loadPolicy, type Policy } from '../load.js';
import type { PolicyDecisionRecord } from '../record.js';
import { createRecordedMachine } from '../replay/recorded-facts.js';
import type { PolicyRequest } from '../request.js';
import { type Act, actsOf } from './act.js';
import { ruleForAct, type SuggestedRule } from './rule-for-act.js';

export interface Suggestion {
  /** A policy file with nothing but the rules, to be merged into `.ai/policy.yaml`. */
  yaml: string;
  /** A future request that each rule matches, in words. */
  wouldMatch: string[];
  /** A request close by that it does not match. */
  wouldNotMatch: string[];
  /** Why the request would not be allowed all the same: full ids of rules that deny or ask, else phrases. */
  stillBlocked: string[];
}

/**
 * The narrowest rules under which a request that was asked about would be allowed: exact words, paths, hosts and tools, for
 * the one who asked. One for each command of a line; with the policy that decided, only for those that it does not allow
 * already, and `stillBlocked` is what deciding again says. Without it, `stillBlocked` is read off the record.
 */
export function suggestRules(request: PolicyRequest, record: PolicyDecisionRecord, policy?: Policy): Suggestion {
  const { acts, unclear } = actsOf(request, record);
  const here = policy && onRecordedMachine(policy, record);
  const stillBlocked = new Set<string>();
  const rules: SuggestedRule[] = [];
  for (const act of acts) {
    if (here && isAllowed(here, request, act, record)) continue;
    const rule = ruleForAct(request, act);
    if (problemsOf(documentOf([rule])).length === 0) rules.push(rule);
    else stillBlocked.add(`${rule.wouldMatch}: a rule cannot name it`);
  }
  for (const phrase of unclear) stillBlocked.add(phrase);
  const yaml = documentOf(rules);
  for (const each of here ? blockedUnder(here, yaml, request, record) : blockedBy(record)) stillBlocked.add(each);
  return {
    yaml,
    wouldMatch: rules.map((rule) => rule.wouldMatch),
    wouldNotMatch: rules.map((rule) => rule.wouldNotMatch),
    stillBlocked: [...stillBlocked],
  };
}

function onRecordedMachine(policy: Policy, record: PolicyDecisionRecord): Policy {
  const machine = createRecordedMachine();
  machine.use(record.replay.facts);
  const { realPath, exists, resolveProgram } = machine;
  return { ...policy, facts: { realPath, exists, resolveProgram } };
}

function isAllowed(policy: Policy, request: PolicyRequest, act: Act, record: PolicyDecisionRecord): boolean {
  const { subject, context } = request;
  const stamp = { id: 'suggestion', time: Date.parse(record.replay.clock) };
  if (act.kind === 'other') return decide(policy, request, stamp).decision === 'allow';
  if (act.kind === 'file') {
    const resource = { path: act.paths[0] ?? '.' };
    return decide(policy, { subject, context, action: { name: act.action }, resource }, stamp).decision === 'allow';
  }
  const { command: _line, ...action } = request.action;
  const alone = { subject, context, resource: request.resource, action: { ...action, argv: [...act.argv] } };
  return decide(policy, alone, stamp).decision === 'allow';
}

/** What still blocks the request with the suggestion as a further file of the project. */
function blockedUnder(policy: Policy, yaml: string, request: PolicyRequest, record: PolicyDecisionRecord): string[] {
  const { workspace, facts, sources } = policy;
  const { realPath, exists, resolveProgram } = facts;
  const time = Date.parse(record.replay.clock);
  const suggestion = { scope: 'project', path: 'suggestion.yaml', text: yaml, trusted: true } as const;
  const options = { now: time, workspace, path: '', realPath, exists, resolveProgram };
  const again = decide(loadPolicy([...sources, suggestion], options), request, { id: 'suggestion', time });
  if (again.decision === 'allow') return [];
  return again.determining.length > 0 ? again.determining : [again.reason];
}

function blockedBy({ matched, exceptionsUsed, obligations, reasonCode, reason }: PolicyDecisionRecord): string[] {
  if (reasonCode === 'base' || reasonCode === 'error.policy') return [reason];
  const loosened = exceptionsUsed.filter(({ effect }) => effect === 'allow').map(({ rule }) => rule);
  const strict = matched.filter((each) => each.applied && each.effect !== 'allow' && !loosened.includes(each.rule));
  const due = obligations.filter(({ kind, state }) => {
    return state === 'unmet' || ((kind === 'approval' || kind === 'reviewer') && state !== 'met');
  });
  return [...strict, ...due].map(({ rule }) => rule);
}

function problemsOf(text: string) {
  return checkPolicy({ scope: 'project', path: 'suggestion.yaml', text, trusted: true });
}

// JSON is YAML, and its quoting leaves no text open to another reading.
function documentOf(rules: readonly SuggestedRule[]): string {
  const head = 'version: 1\nscope: project\nrules:';
  if (rules.length === 0) return `${head} []\n`;
  const listed = rules.map(({ entry }) => {
    const lines = Object.entries(entry).map(([key, value]) => `${key}: ${valueText(value)}`);
    return `  - ${lines.join('\n    ')}\n`;
  });
  return `${head}\n${listed.join('')}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*$/.test(value) ? value : JSON.stringify(value);
}
