import { type Effect, isStricter } from '../effect.js';
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
const NO_ERRORS: readonly Fault[] = [];
const NOWHERE: readonly number[] = [];

/** Evaluates every rule that may speak about a part: deny over ask over allow, then the base, then the default. */
export function judgePart(judge: Judge, part: Part): PartVerdict {
  const found = new Findings();
  const lists = judge.rules.select(part);
  for (const list of lists) for (const compiled of list) found.judge(compiled, judge, part);
  if (lists.length > 1) found.sort();
  return settle(judge, part, found);
}

/** What speaks about a part, in the order in which it was found. */
class Findings {
  matched: readonly Applied[] = NONE;
  errors: readonly Fault[] = NO_ERRORS;
  #matchedAt: readonly number[] = NOWHERE;
  #failedAt: readonly number[] = NOWHERE;
  #faults: string[] = [];

  judge(compiled: CompiledRule, judge: Judge, part: Part): void {
    const isMatch = matchRule(compiled, part, judge.now, this.#faults);
    const errors = this.#faults.length > 0 ? this.#takeFaults(compiled) : NO_FAULTS;
    if (!isMatch) return;
    const { rule, exceptions } = compiled;
    const exception = exceptions.length === 0 ? null : findException(compiled, part, judge.request, judge.now);
    this.matched = append(this.matched, { rule, effect: exception?.effect ?? rule.effect, exception, errors });
    this.#matchedAt = append(this.#matchedAt, compiled.position);
  }

  /** Puts it into the order of the rules. */
  sort(): void {
    this.matched = inOrder(this.matched, this.#matchedAt);
    this.errors = inOrder(this.errors, this.#failedAt);
  }

  #takeFaults({ rule, position }: CompiledRule): readonly string[] {
    const faults = this.#faults;
    this.#faults = [];
    for (const message of faults) {
      this.errors = append(this.errors, { rule, message });
      this.#failedAt = append(this.#failedAt, position);
    }
    return faults;
  }
}

/** Most lists stay empty or get one item, which a literal holds in a tenth of what the first `push` reserves. */
function append<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

function inOrder<T>(items: readonly T[], places: readonly number[]): readonly T[] {
  if (items.length < 2) return items;
  const order = items.map((item, index) => ({ item, place: places[index] ?? 0 }));
  return order.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

function settle(judge: Judge, part: Part, { matched, errors }: Findings): PartVerdict {
  let byRules: Effect | null = null;
  let isTrusted = false;
  for (const applied of matched) {
    if (!isApplied(applied, part)) continue;
    if (byRules === null || isStricter(applied.effect, byRules)) byRules = applied.effect;
    isTrusted ||= applied.rule.trusted;
  }
  // An untrusted question must not take the place of a default that denies.
  if (byRules === null || !isTrusted) {
    const silent = unruled(judge, part);
    if (byRules === null || (silent !== null && isStricter(silent, byRules))) {
      return { part, decision: silent, reasonCode: unruledReason(judge, part), matched, determining: NONE, errors };
    }
  }
  let determining = NONE;
  let isFailed = byRules !== 'allow';
  for (const applied of matched) {
    if (applied.effect !== byRules || !isApplied(applied, part)) continue;
    determining = append(determining, applied);
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
function unruled(judge: Judge, part: Part): Effect | null {
  if (part.inferred) return null;
  if (judge.base?.effect === 'allow') return 'allow';
  return part.certain || judge.default === 'deny' ? judge.default : 'ask';
}

function unruledReason(judge: Judge, part: Part): ReasonCode {
  return !part.inferred && judge.base?.effect === 'allow' ? 'base' : 'default';
}
