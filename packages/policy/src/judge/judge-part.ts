import { type Effect, isStricter, strictest } from '../effect.js';
import type { PolicyException, Rule } from '../file/layer.js';
import type { ReasonCode } from '../record.js';
import type { PolicyRequest } from '../request.js';
import type { BaseVerdict } from './base.js';
import type { CompiledRule } from './compiled-rule.js';
import type { CompiledRules } from './compiled-rules.js';
import { findException } from './exception.js';
import { matchRule } from './match.js';
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

/** What all parts of one request are judged by. */
export interface Judge {
  readonly rules: CompiledRules;
  readonly default: Effect;
  readonly base: BaseVerdict | null;
  readonly request: PolicyRequest;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

type Fault = PartVerdict['errors'][number];

const NO_FAULTS: readonly string[] = [];
const NONE: readonly Applied[] = [];

/** Evaluates every rule that may speak about a part: deny over ask over allow, then the base, then the default. */
export function judgePart(judge: Judge, part: Part): PartVerdict {
  const found = new Findings();
  const lists = judge.rules.select(part);
  for (const list of lists) for (const compiled of list) found.judge(compiled, judge, part);
  if (lists.length > 1) found.sort();
  return settle(judge, part, found.matched, found.errors);
}

/** What speaks about a part, in the order in which it was found. */
class Findings {
  matched: Applied[] = [];
  errors: Fault[] = [];
  #matchedAt: number[] = [];
  #failedAt: number[] = [];
  #faults: string[] = [];

  judge(compiled: CompiledRule, judge: Judge, part: Part): void {
    const isMatch = matchRule(compiled, part, judge.now, this.#faults);
    const { rule, exceptions } = compiled;
    let errors = NO_FAULTS;
    if (this.#faults.length > 0) {
      errors = this.#faults;
      for (const message of errors) {
        this.errors.push({ rule, message });
        this.#failedAt.push(compiled.position);
      }
      this.#faults = [];
    }
    if (!isMatch) return;
    const exception = exceptions.length === 0 ? null : findException(compiled, part, judge.request, judge.now);
    this.matched.push({ rule, effect: exception?.effect ?? rule.effect, exception, errors });
    this.#matchedAt.push(compiled.position);
  }

  /** Puts it into the order of the rules. */
  sort(): void {
    this.matched = inOrder(this.matched, this.#matchedAt);
    this.errors = inOrder(this.errors, this.#failedAt);
  }
}

function inOrder<T>(items: T[], places: readonly number[]): T[] {
  if (items.length < 2) return items;
  const order = items.map((item, index) => ({ item, place: places[index] ?? 0 }));
  return order.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

function settle(judge: Judge, part: Part, matched: readonly Applied[], errors: PartVerdict['errors']): PartVerdict {
  let byRules: Effect | null = null;
  let isTrusted = false;
  for (const applied of matched) {
    if (!isApplied(applied, part)) continue;
    if (byRules === null || isStricter(applied.effect, byRules)) byRules = applied.effect;
    isTrusted ||= applied.rule.trusted;
  }
  if (byRules === null) return { ...unruled(judge, part), part, matched, determining: NONE, errors };
  if (!isTrusted) {
    // An untrusted question must not take the place of a default that denies.
    const silent = unruled(judge, part);
    if (silent.decision !== null && isStricter(silent.decision, byRules)) {
      return { ...silent, part, matched, determining: NONE, errors };
    }
  }
  const determining: Applied[] = [];
  let isFailed = byRules !== 'allow';
  for (const applied of matched) {
    if (applied.effect !== byRules || !isApplied(applied, part)) continue;
    determining.push(applied);
    if (applied.errors.length === 0) isFailed = false;
  }
  const reasonCode: ReasonCode = isFailed ? 'error.eval' : REASONS[byRules];
  return { part, decision: byRules, reasonCode, matched, determining, errors };
}

const REASONS = { allow: 'rule.allow', ask: 'rule.ask', deny: 'rule.deny' } as const;

/**
 * Whether a rule that matched counts: not in audit mode, and not to allow what nobody understands, which an exception that
 * turns a deny into an allow would.
 */
export function isApplied({ rule, effect }: Applied, part: Part): boolean {
  return rule.mode === 'enforce' && (effect !== 'allow' || (part.certain && !part.inferred));
}

/** What holds where no rule speaks: nothing for what was inferred, else the base, else the default. */
function unruled(judge: Judge, part: Part): Pick<PartVerdict, 'decision' | 'reasonCode'> {
  if (part.inferred) return { decision: null, reasonCode: 'default' };
  if (judge.base?.effect === 'allow') return { decision: 'allow', reasonCode: 'base' };
  const decision = part.certain ? judge.default : strictest([judge.default, 'ask']);
  return { decision, reasonCode: 'default' };
}
