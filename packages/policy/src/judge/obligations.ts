import { isSandboxMode, parseBudget, SANDBOX_MODES } from '../file/obligation.js';
import type { ObligationState } from '../record.js';
import type { PolicyRequest } from '../request.js';
import { isApplied, type PartVerdict } from './judge-part.js';

type Wanted = Pick<ObligationState, 'kind' | 'want'>;

/**
 * The obligations of every enforced rule that matched, each once: also of a rule that allows where a stricter one decides.
 * Otherwise a question added below would set aside what upstream obliges to, and whoever answers it would never know.
 */
export function listObligations(verdicts: readonly PartVerdict[], request: PolicyRequest): ObligationState[] {
  const found: ObligationState[] = [];
  for (const { part, decision, matched } of verdicts) {
    if (decision === null) continue;
    for (const applied of matched) {
      const { rule } = applied;
      if (rule.obligations.length === 0 || !isApplied(applied, part)) continue;
      for (const { kind, want } of rule.obligations) {
        if (found.some((each) => each.rule === rule.id && each.kind === kind && each.want === want)) continue;
        found.push({ kind, want, rule: rule.id, state: stateOf({ kind, want }, request) });
      }
    }
  }
  return found;
}

function stateOf({ kind, want }: Wanted, { context }: PolicyRequest): ObligationState['state'] {
  if (kind === 'sandbox') return strictness(context.sandbox) >= strictness(want) ? 'met' : 'unmet';
  if (kind !== 'budget') return 'pending';
  const budget = parseBudget(want);
  if (budget === null) return 'unmet';
  const [spent, limit] = 'usd' in budget ? [context.spent?.usd, budget.usd] : [context.spent?.tokens, budget.tokens];
  if (spent === undefined) return 'pending';
  return spent < limit ? 'met' : 'unmet';
}

/** What is not a sandbox mode is no sandbox. */
function strictness(mode: unknown): number {
  return isSandboxMode(mode) ? SANDBOX_MODES.indexOf(mode) : 0;
}

/** Whether somebody has to agree before what is obliged to holds. */
export function awaitsPerson({ kind, state }: ObligationState): boolean {
  return (kind === 'approval' || kind === 'reviewer') && state === 'pending';
}

/** The whole sentence for an unmet obligation. */
export function explainUnmet({ kind, want, rule }: ObligationState, { context }: PolicyRequest): string {
  if (kind === 'budget') return `${rule} allows ${want}, and that is spent.`;
  const found = strictness(context.sandbox) === 0 ? 'there is none' : `the sandbox is "${context.sandbox}"`;
  return `${rule} obliges to the sandbox "${want}", and ${found}.`;
}

/** The whole sentence for what waits for people. */
export function explainAwaited(obligations: readonly ObligationState[]): string {
  const wants = obligations.filter(awaitsPerson).map(({ kind, want, rule }) => `${rule} wants ${personOf(kind, want)}`);
  return `This needs somebody's agreement: ${wants.join(', ')}.`;
}

function personOf(kind: ObligationState['kind'], want: string): string {
  if (kind === 'reviewer') return 'a review by somebody other than the author';
  return want === 'user' ? 'the approval of a user' : `the approval of ${want}`;
}
