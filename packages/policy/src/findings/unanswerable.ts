import { type Condition, checkSatisfiable } from '@signalbox/rules/analysis';
import { actionsNamed } from '../attributes.js';
import { decide } from '../decide.js';
import type { Rule } from '../file/layer.js';
import type { Policy } from '../load.js';
import type { PolicyRequest } from '../request.js';
import { describeRequest } from './describe-request.js';
import type { PolicyFinding, UnknownFinding } from './finding.js';
import { requestsFor } from './witness-request.js';

type Required = NonNullable<Parameters<typeof checkSatisfiable>[1]>['required'];

/**
 * Rules that oblige to the approvals of different persons for the same request: an answer is one person's, so nobody can give it.
 * `policy` is one on a plain machine; `rules` are those in force. A pair of which no request confirms it is unknown.
 */
export function findUnanswerable(
  policy: Policy,
  rules: readonly Rule[],
  { now, required }: { now: number | undefined; required: (action: string) => Required },
): (PolicyFinding | UnknownFinding)[] {
  const naming = rules.filter(
    (rule) => rule.mode === 'enforce' && rule.effect !== 'deny' && personsOf(rule).length > 0,
  );
  return naming.flatMap((first, index) =>
    naming.slice(index).flatMap((second) => {
      const persons = [...new Set([...personsOf(first), ...personsOf(second)])];
      if (persons.length < 2) return [];
      const pair = first === second ? [first] : [first, second];
      const request = requestFor(policy, pair, { now, required });
      return request === null ? [] : [describe(pair, persons, request)];
    }),
  );
}

/** A request that both match and that is not denied; null if there is none, `unknown` if none could be confirmed. */
function requestFor(
  policy: Policy,
  pair: readonly Rule[],
  { now, required }: { now: number | undefined; required: (action: string) => Required },
): PolicyRequest | 'unknown' | null {
  const [first = [], second = first] = pair.map((rule) => rule.on.flatMap(actionsNamed));
  let isOpen = false;
  for (const action of first.filter((each) => second.includes(each))) {
    const schema = required(action);
    const found = checkSatisfiable(pair.flatMap(conditionsOf), schema === undefined ? {} : { required: schema });
    if (found.status === 'unsatisfiable') continue;
    const requests = found.status === 'satisfiable' ? requestsFor({ action, attributes: found.witness }) : [];
    const shown = requests.find((request) => isAskedOfTwo(policy, request, now));
    if (shown) return shown;
    // One that another rule denies is no fault.
    isOpen ||= !requests.some((request) => decisionOn(policy, request, now).decision === 'deny');
  }
  return isOpen ? 'unknown' : null;
}

function conditionsOf({ when, unless, command }: Rule): Condition[] {
  return [
    ...(command ? [{ argv: command, attribute: 'action.argv' }] : []),
    ...(when ? [{ expression: when, expect: 'true' as const }] : []),
    ...(unless ? [{ expression: unless, expect: 'false' as const }] : []),
  ];
}

function isAskedOfTwo(policy: Policy, request: PolicyRequest, now: number | undefined): boolean {
  const { decision, obligations } = decisionOn(policy, request, now);
  const persons = obligations.filter(({ kind, want }) => kind === 'approval' && want.startsWith('user:'));
  return decision === 'ask' && new Set(persons.map(({ want }) => want)).size > 1;
}

function decisionOn(policy: Policy, request: PolicyRequest, now: number | undefined) {
  return decide(policy, request, { id: 'witness', time: now ?? 0 });
}

function personsOf({ obligations }: Rule): string[] {
  return obligations.flatMap(({ kind, want }) => (kind === 'approval' && want.startsWith('user:') ? [want] : []));
}

function describe(
  pair: readonly Rule[],
  persons: readonly string[],
  request: PolicyRequest | 'unknown',
): PolicyFinding | UnknownFinding {
  const names = pair.map(({ id }) => `"${id}"`).join(' and ');
  const message = `${names} ${pair.length === 1 ? 'wants' : 'want'} the approvals of ${persons.join(' and ')} for the same request, and an answer is one person's: nobody can give it.`;
  if (request === 'unknown') {
    const [first] = pair;
    return { rule: first?.id ?? null, at: first?.at ?? null, reason: `No request confirms this: ${message}` };
  }
  return {
    ...{ kind: 'unanswerable', severity: 'error', rules: pair.map(({ id }) => id), at: pair.map(({ at }) => at) },
    ...{ message, witness: request, witnessText: describeRequest(request) },
  };
}
