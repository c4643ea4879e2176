import type { Effect, ObligationState, Policy, PolicyException, PolicyRequest, Rule } from '../src/index.js';
import { baseVerdict } from '../src/judge/base.js';
import { RecordedFacts } from '../src/judge/facts.js';
import type { Part, View } from '../src/judge/part.js';
import { breakDown } from '../src/judge/parts.js';

/** What the policy means, without any index: every rule is asked about every part, deny over ask over allow. */
export interface ReferenceVerdict {
  decision: Effect;
  reasonCode: string;
  determining: string[];
  obligations: Pick<ObligationState, 'rule' | 'kind' | 'want' | 'state'>[];
  matched: string[];
  errors: string[];
}

const LEVEL: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };
const strictest = (effects: readonly Effect[]): Effect =>
  effects.reduce((a, b) => (LEVEL[b] > LEVEL[a] ? b : a), 'allow' as Effect);
const unique = (items: readonly string[]): string[] => [...new Set(items)];

export function referenceVerdict(policy: Policy, request: PolicyRequest, now: number): ReferenceVerdict {
  const nothing = { determining: [], obligations: [], matched: [], errors: [] };
  const base = baseVerdict(request);
  if (base?.effect === 'deny') return { decision: 'deny', reasonCode: 'base', ...nothing };
  const { parts } = breakDown({ root: policy.workspace, facts: new RecordedFacts(policy.facts) }, request);
  const judged = parts.map((part) => judge(policy, request, part, now));
  const speaking = judged.filter((each) => each.decision !== null);
  const decision = strictest(speaking.map((each) => each.decision as Effect));
  const deciding = speaking.filter((each) => each.decision === decision);
  const obligations = speaking.flatMap((each) => each.obligations).filter(isFirst);
  const rest = {
    obligations,
    matched: unique(judged.flatMap((each) => each.matched)),
    errors: unique(judged.flatMap((each) => each.errors)),
  };
  const unmet = obligations.find((each) => each.state === 'unmet');
  if (decision !== 'deny' && unmet) {
    return { decision: 'deny', reasonCode: 'obligation.unmet', determining: [unmet.rule], ...rest };
  }
  const people = obligations.filter(({ kind }) => kind === 'approval' || kind === 'reviewer');
  if (decision === 'allow' && people.length > 0) {
    const determining = unique(people.map(({ rule }) => rule));
    return { decision: 'ask', reasonCode: 'obligation.approval', determining, ...rest };
  }
  const reasonCode = (deciding.find((each) => each.reasonCode.startsWith('rule.')) ?? deciding[0])?.reasonCode ?? '';
  return { decision, reasonCode, determining: unique(deciding.flatMap((each) => each.determining)), ...rest };
}

function isFirst(item: ReferenceVerdict['obligations'][number], index: number, all: readonly unknown[]): boolean {
  return all.findIndex((each) => JSON.stringify(each) === JSON.stringify(item)) === index;
}

function judge(policy: Policy, request: PolicyRequest, part: Part, now: number) {
  const spoken = policy.rules.map((rule) => speak(policy, rule, request, part, now));
  const applied = spoken.filter(({ hit, rule, effect }) => {
    return hit && rule.mode === 'enforce' && (effect !== 'allow' || (part.certain && !part.inferred));
  });
  const rest = {
    matched: spoken.filter(({ hit }) => hit).map(({ rule }) => rule.id),
    errors: spoken.flatMap(({ rule, failed }) => (failed ? [rule.id] : [])),
    obligations: applied.flatMap(({ rule }) =>
      rule.obligations.map(({ kind, want }) => ({ kind, want, rule: rule.id, state: stateOf(kind, want, request) })),
    ),
  };
  const isOwn = baseVerdict(request)?.effect === 'allow';
  const fallback = part.certain ? policy.default : strictest([policy.default, 'ask']);
  const silent = part.inferred ? null : isOwn ? 'allow' : fallback;
  const byRules = strictest(applied.map(({ effect }) => effect));
  const isReplaced = applied.every(({ rule }) => !rule.trusted) && silent !== null && LEVEL[silent] > LEVEL[byRules];
  if (applied.length === 0 || isReplaced) {
    const reasonCode = !part.inferred && isOwn ? 'base' : 'default';
    return { decision: silent, reasonCode, determining: [], ...rest };
  }
  const determining = applied.filter(({ effect }) => effect === byRules);
  const hasFailed = byRules !== 'allow' && determining.every(({ failed }) => failed);
  const reasonCode = hasFailed ? 'error.eval' : `rule.${byRules}`;
  return { decision: byRules, reasonCode, determining: determining.map(({ rule }) => rule.id), ...rest };
}

function speak(policy: Policy, rule: Rule, request: PolicyRequest, part: Part, now: number) {
  const isLive = rule.expiresAt === null || now < rule.expiresAt;
  const isAbout = rule.on.some((on) =>
    on.endsWith('.*') ? part.action.startsWith(on.slice(0, -1)) : on === part.action,
  );
  const loosens = rule.effect === 'allow';
  let failed = false;
  const holds = ({ attributes }: View): boolean => {
    const value = (condition: Rule['when'], onFault: boolean): boolean => {
      try {
        return condition?.evaluate(attributes) ?? !onFault;
      } catch {
        failed = true;
        return onFault;
      }
    };
    if (rule.when && !value(rule.when, !loosens)) return false;
    return !(rule.unless && value(rule.unless, loosens));
  };
  const mayMatch = isLive && isAbout && !(loosens && (!part.certain || part.inferred)) && fitsPattern(rule, part);
  const hit =
    mayMatch && (loosens ? part.views.every((view) => view.tightenOnly || holds(view)) : part.views.some(holds));
  const exceptions = hit ? policy.exceptions.filter((each) => isGranted(each, rule, request, part, now)) : [];
  const effects = [rule.effect, ...exceptions.map(({ effect }) => effect)];
  const effect = effects.reduce((a, b) => (LEVEL[b] < LEVEL[a] ? b : a));
  return { rule, hit, effect, failed };
}

function isGranted(each: PolicyException, rule: Rule, request: PolicyRequest, part: Part, now: number): boolean {
  const { only, when, scope, expiresAt } = each;
  const scopes = scope !== 'override' ? [scope] : only?.ai ? (['project', 'ai'] as const) : (['project'] as const);
  if (each.rule !== rule.id || !scopes.some((one) => rule.overridableBy.includes(one))) return false;
  if (expiresAt !== null && now >= expiresAt) return false;
  const labels = Object.entries(request.context.task?.labels ?? {}).map((pair) => pair.join('='));
  if (only && !part.certain) return false;
  if (only?.ai && (request.subject.kind !== 'ai' || request.subject.id !== only.ai)) return false;
  if (only?.task && request.context.task?.id !== only.task) return false;
  if (only?.label && !labels.includes(only.label)) return false;
  return part.views.every((view) => {
    const outcome = view.tightenOnly || (when?.outcome(view.attributes) ?? true);
    return outcome === true;
  });
}

function fitsPattern({ command: pattern, effect }: Rule, { command }: Part): boolean {
  if (!pattern) return true;
  if (!command) return false;
  const [program, ...operands] = pattern.tokens;
  const [first, ...words] = command.words;
  if (words.length < operands.length || (!pattern.rest && words.length > operands.length)) return false;
  const could = (word: (typeof words)[number] | undefined, token: readonly string[] = []): boolean =>
    token.some((text) => {
      if (!word) return false;
      if (word.value !== null) return word.value === text;
      const { prefix, suffix } = word;
      return text.length >= prefix.length + suffix.length && text.startsWith(prefix) && text.endsWith(suffix);
    });
  const isLoose = effect === 'allow';
  const isDynamic = first?.value === null;
  const names = isLoose ? command.certainNames : command.possibleNames;
  if (!(isDynamic ? !isLoose && could(first, program) : program?.some((name) => names.includes(name)))) return false;
  if (!operands.every((token, at) => could(words[at], token))) return false;
  const literal = operands.filter((_, at) => words[at]?.value !== null);
  return isLoose ? literal.length === operands.length : !isDynamic || literal.length > 0;
}

function stateOf(kind: string, want: string, { context }: PolicyRequest): ObligationState['state'] {
  if (kind === 'sandbox') {
    const modes = ['none', 'workspace-write', 'read-only'];
    return modes.indexOf(context.sandbox ?? 'none') >= modes.indexOf(want) ? 'met' : 'unmet';
  }
  if (kind !== 'budget') return 'pending';
  const spent = want.endsWith('USD') ? context.spent?.usd : context.spent?.tokens;
  if (spent === undefined) return 'pending';
  return spent < Number.parseFloat(want) ? 'met' : 'unmet';
}
