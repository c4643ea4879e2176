import { type Effect, isStricter, strictest } from '../effect.js';
import type { PolicyException, Rule } from '../file/layer.js';
import type { ReasonCode } from '../record.js';
import type { BaseVerdict } from './base.js';
import { certainViews, evaluate, matchRule } from './match.js';
import type { Part } from './part.js';

/** A rule that speaks about a part, with the effect it has after exceptions. */
export interface Applied {
  readonly rule: Rule;
  readonly effect: Effect;
  readonly exception: PolicyException | null;
  readonly errors: readonly string[];
}

/** What the rules say about one part. `decision` is `null` for an inferred part that no rule speaks about. */
export interface PartVerdict {
  readonly part: Part;
  readonly decision: Effect | null;
  readonly reasonCode: ReasonCode;
  /** Every rule that matched, also those in audit mode. */
  readonly matched: readonly Applied[];
  /** Those that the decision rests on. */
  readonly determining: readonly Applied[];
  /** Rules that could not be evaluated, matched or not. */
  readonly errors: readonly { readonly rule: Rule; readonly message: string }[];
}

export interface Rulebook {
  readonly rules: readonly Rule[];
  readonly exceptions: readonly PolicyException[];
  readonly default: Effect;
}

/** Evaluates every rule on one part: deny over ask over allow, then the base, then the default. */
export function judgePart(book: Rulebook, base: BaseVerdict | null, part: Part, now: number): PartVerdict {
  const matched: Applied[] = [];
  const errors: { rule: Rule; message: string }[] = [];
  for (const rule of book.rules) {
    const match = matchRule(rule, part, now);
    for (const message of match.errors) errors.push({ rule, message });
    if (!match.matched) continue;
    const exception = findException(book.exceptions, rule, part, now);
    matched.push({ rule, effect: exception?.effect ?? rule.effect, exception, errors: match.errors });
  }
  const enforced = matched.filter(({ rule }) => rule.mode === 'enforce');
  // An exception that turns a deny into an allow still cannot allow what nobody understands.
  const applied = enforced.filter(({ effect }) => effect !== 'allow' || (part.certain && !part.inferred));
  const silent = unruled(book, base, part);
  const byRules = strictest(applied.map(({ effect }) => effect));
  // An untrusted question must not take the place of a default that denies.
  const isReplaced =
    applied.every(({ rule }) => !rule.trusted) && silent.decision !== null && isStricter(silent.decision, byRules);
  if (applied.length === 0 || isReplaced) return { ...silent, part, matched, determining: [], errors };
  const determining = applied.filter(({ effect }) => effect === byRules);
  const failed = byRules !== 'allow' && determining.every((each) => each.errors.length > 0);
  return {
    part,
    decision: byRules,
    reasonCode: failed ? 'error.eval' : `rule.${byRules}`,
    matched,
    determining,
    errors,
  };
}

/** What holds where no rule speaks: nothing for what was inferred, else the base, else the default. */
function unruled(book: Rulebook, base: BaseVerdict | null, part: Part): Pick<PartVerdict, 'decision' | 'reasonCode'> {
  if (part.inferred) return { decision: null, reasonCode: 'default' };
  if (base?.effect === 'allow') return { decision: 'allow', reasonCode: 'base' };
  return { decision: part.certain ? book.default : strictest([book.default, 'ask']), reasonCode: 'default' };
}

/** The exception that loosens a matched rule most, among those the rule lets a layer grant. */
function findException(
  exceptions: readonly PolicyException[],
  rule: Rule,
  part: Part,
  now: number,
): PolicyException | null {
  let found: PolicyException | null = null;
  for (const exception of exceptions) {
    if (exception.rule !== rule.id || !rule.overridableBy.includes(exception.scope)) continue;
    if (exception.expiresAt !== null && now >= exception.expiresAt) continue;
    if (!isStricter(found?.effect ?? rule.effect, exception.effect)) continue;
    const { when } = exception;
    if (when && !certainViews(part).every((view) => evaluate(when, view, false, new Set()))) continue;
    found = exception;
  }
  return found;
}
