import { messageOf } from '@signalbox/kernel';
import type { Expression } from '@signalbox/rules';
import { couldBe, type ShellWord } from '../shell/line.js';
import type { CompiledRule } from './compiled-rule.js';
import type { CommandIdentity, Part, View } from './part.js';

/**
 * Whether a rule that covers the part's action matches the part at `now` (milliseconds since the epoch). A rule that allows
 * must match every view of a part that is certain; a rule that denies or asks must match one. What cannot be evaluated fails
 * closed: it is a match for a rule that denies or asks, and none for a rule that allows; why is added to `faults`, one
 * sentence each.
 */
export function matchRule(compiled: CompiledRule, part: Part, now: number, faults: string[]): boolean {
  const { rule, loosens } = compiled;
  if (rule.expiresAt !== null && now >= rule.expiresAt) return false;
  if (loosens && (!part.certain || part.inferred)) return false;
  if (rule.command && !(part.command && matchesPattern(compiled, part.command))) return false;
  if (rule.when === null && rule.unless === null) return loosens || part.views.length > 0;
  for (const view of part.views) {
    if (loosens && view.tightenOnly) continue;
    if (conditionsHold(compiled, view, faults) !== loosens) return !loosens;
  }
  return loosens;
}

/** Whether a condition holds on all views that count for what loosens; one that cannot be evaluated does not. */
export function holdsOnEvery(condition: Expression, part: Part): boolean {
  return part.views.every((view) => view.tightenOnly || evaluate(condition, view, false, []));
}

function conditionsHold({ rule, loosens }: CompiledRule, view: View, faults: string[]): boolean {
  if (rule.when !== null && !evaluate(rule.when, view, !loosens, faults)) return false;
  return !(rule.unless !== null && evaluate(rule.unless, view, loosens, faults));
}

/** The value of a condition, or `onFault` with the fault noted. */
function evaluate(condition: Expression, view: View, onFault: boolean, faults: string[]): boolean {
  try {
    const outcome = condition.outcome(view.attributes);
    if (typeof outcome === 'boolean') return outcome;
    note(faults, `The expression cannot be evaluated: ${outcome.problem}.`);
  } catch (thrown) {
    note(faults, `The expression cannot be evaluated: ${messageOf(thrown)}`);
  }
  return onFault;
}

function note(faults: string[], fault: string): void {
  if (!faults.includes(fault)) faults.push(fault);
}

function matchesPattern(compiled: CompiledRule, command: CommandIdentity): boolean {
  const { rule, loosens, alternatives } = compiled;
  const { tokens, rest } = rule.command ?? { tokens: [], rest: true };
  const { words } = command;
  if (words.length < tokens.length || (!rest && words.length > tokens.length)) return false;
  const isDynamic = words[0]?.value === null;
  if (!programFits(compiled, command)) return false;
  let isPointedTo = !isDynamic;
  for (let at = 1; at < tokens.length; at++) {
    const word = words[at] as ShellWord;
    const token = tokens[at] as readonly string[];
    if (word.value !== null) {
      if (!(alternatives[at]?.has(word.value) ?? token.includes(word.value))) return false;
      isPointedTo = true;
    } else if (loosens || !token.some((text) => couldBe(word, text))) return false;
  }
  // Anything could be hidden in `$x $y`; at least one word has to point to this rule.
  return isPointedTo;
}

function programFits({ rule, loosens, alternatives }: CompiledRule, command: CommandIdentity): boolean {
  const [program] = command.words;
  const token = rule.command?.tokens[0] ?? [];
  if (program?.value === null) return !loosens && token.some((text) => couldBe(program, text));
  for (const name of loosens ? command.certainNames : command.possibleNames) {
    if (alternatives[0]?.has(name) ?? token.includes(name)) return true;
  }
  return false;
}
