import { type Expression, RuleError } from '@signalbox/rules';
import { covers } from '../attributes.js';
import type { CommandPattern, PatternToken } from '../file/command-pattern.js';
import type { Rule } from '../file/layer.js';
import { couldBe, type ShellWord } from '../shell/line.js';
import type { CommandIdentity, Part, View } from './part.js';

/** Whether a rule speaks about a part. `errors`: what could not be evaluated on the way, one sentence each. */
export interface RuleMatch {
  readonly matched: boolean;
  readonly errors: readonly string[];
}

/**
 * Matches one rule against one part at `now` (milliseconds since the epoch). A rule that allows must match every view of a
 * part that is certain; a rule that denies or asks must match one. What cannot be evaluated fails closed: it is a match for
 * a rule that denies or asks, and none for a rule that allows.
 */
export function matchRule(rule: Rule, part: Part, now: number): RuleMatch {
  const none = { matched: false, errors: [] };
  if (rule.expiresAt !== null && now >= rule.expiresAt) return none;
  if (!rule.on.some((entry) => covers(entry, part.action))) return none;
  const loosens = rule.effect === 'allow';
  if (loosens && (!part.certain || part.inferred)) return none;
  if (rule.command && !(part.command && matchesPattern(rule.command, part.command, loosens))) return none;
  const errors = new Set<string>();
  const holds = (view: View): boolean => conditionsHold(rule, view, errors);
  const matched = loosens ? certainViews(part).every(holds) : part.views.some(holds);
  return { matched, errors: [...errors] };
}

/** The views that count for what loosens. */
export function certainViews(part: Part): View[] {
  return part.views.filter((view) => !view.tightenOnly);
}

function conditionsHold(rule: Rule, view: View, errors: Set<string>): boolean {
  const closed = rule.effect !== 'allow';
  if (rule.when && !evaluate(rule.when, view, closed, errors)) return false;
  return !(rule.unless && evaluate(rule.unless, view, !closed, errors));
}

/** The value of a condition, or `onError` with the error noted. */
export function evaluate(expression: Expression, view: View, onError: boolean, errors: Set<string>): boolean {
  try {
    return expression.evaluate(view.attributes);
  } catch (thrown) {
    if (!(thrown instanceof RuleError)) throw thrown;
    errors.add(thrown.message);
    return onError;
  }
}

function matchesPattern(pattern: CommandPattern, command: CommandIdentity, loosens: boolean): boolean {
  const [program, ...operands] = pattern.tokens;
  const words = command.words.slice(1);
  if (words.length < operands.length || (!pattern.rest && words.length > operands.length)) return false;
  const names = loosens ? command.certainNames : command.possibleNames;
  const isDynamic = command.words[0]?.value === null;
  const programFits = isDynamic
    ? !loosens && couldBeOneOf(command.words[0], program)
    : (program ?? []).some((name) => names.includes(name));
  if (!programFits) return false;
  const tests = operands.map((token, index) => wordMatch(words[index], token));
  if (tests.includes('no') || (loosens && tests.includes('possible'))) return false;
  // Anything could be hidden in `$x $y`; at least one word has to point to this rule.
  return !isDynamic || tests.includes('yes');
}

function wordMatch(word: ShellWord | undefined, token: PatternToken): 'yes' | 'possible' | 'no' {
  if (word && word.value !== null) return token.includes(word.value) ? 'yes' : 'no';
  return couldBeOneOf(word, token) ? 'possible' : 'no';
}

function couldBeOneOf(word: ShellWord | undefined, token: PatternToken | undefined): boolean {
  return word !== undefined && (token ?? []).some((text) => couldBe(word, text));
}
