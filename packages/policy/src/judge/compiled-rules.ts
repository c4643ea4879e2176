import { ACTIONS, actionsNamed, covers } from '../attributes.js';
import type { PolicyException, Rule } from '../file/layer.js';
import type { CompiledRule } from './compiled-rule.js';
import { isOverridable } from './exception.js';
import type { Part } from './part.js';
import { RuleList } from './rule-list.js';

/** All rules that speak about decisions, whatever layer they stand in. */
export interface Rulebook {
  readonly rules: readonly Rule[];
  readonly exceptions: readonly PolicyException[];
}

/** The rules by what they are about. */
export interface CompiledRules {
  /**
   * Lists with every rule that may have something to say about the part, in no order among the lists; none stands in two of
   * them. A rule that is left out could neither have matched nor have failed.
   */
  select(part: Part): readonly (readonly CompiledRule[])[];
}

// From about here on a look-up in a set is quicker than going through the list.
const MANY = 8;
// By the rulebook itself, so that a copy with other rules is compiled anew instead of judged by the old ones.
const known = new WeakMap<Rulebook, CompiledRules>();

/** The rules of a book by action and program: compiled once for each book. */
export function compiledRules(book: Rulebook): CompiledRules {
  let compiled = known.get(book);
  if (compiled === undefined) {
    compiled = compileRules(book);
    known.set(book, compiled);
  }
  return compiled;
}

function compileRules(book: Rulebook): CompiledRules {
  const exceptions = byRule(book.exceptions);
  const rules = book.rules.map((rule, position) => compileRule(rule, position, exceptions.get(rule.id) ?? []));
  const byAction = new Map<string, CompiledRule[]>(ACTIONS.map((action) => [action, []]));
  for (const compiled of rules) {
    for (const action of new Set(compiled.rule.on.flatMap(actionsNamed))) byAction.get(action)?.push(compiled);
  }
  const commands = new CommandRules(byAction.get('shell.run') ?? []);
  const lists = new Map([...byAction].map(([action, list]) => [action, new RuleList(list)]));
  return {
    select(part) {
      if (part.action === 'shell.run') return commands.select(part);
      const list = lists.get(part.action);
      if (list) return list.select(part);
      // An action without attributes here is still covered by a group: "task.*".
      return [rules.filter(({ rule }) => rule.on.some((entry) => covers(entry, part.action)))];
    },
  };
}

function byRule(exceptions: readonly PolicyException[]): Map<string, PolicyException[]> {
  const found = new Map<string, PolicyException[]>();
  for (const exception of exceptions) {
    const list = found.get(exception.rule);
    if (list) list.push(exception);
    else found.set(exception.rule, [exception]);
  }
  return found;
}

function compileRule(rule: Rule, position: number, exceptions: readonly PolicyException[]): CompiledRule {
  const tokens = rule.command?.tokens ?? [];
  return {
    rule,
    position,
    loosens: rule.effect === 'allow',
    alternatives: tokens.map((token) => (token.length > MANY ? new Set(token) : null)),
    exceptions: exceptions.filter((exception) => isOverridable(rule, exception)),
  };
}

/** The rules about commands by the programs that their patterns begin with. */
class CommandRules {
  readonly #whole: readonly (readonly CompiledRule[])[];
  readonly #ofAny: RuleList;
  readonly #byProgram = new Map<string, CompiledRule[]>();

  constructor(rules: readonly CompiledRule[]) {
    this.#whole = [rules];
    this.#ofAny = new RuleList(rules.filter(({ rule }) => rule.command === null));
    for (const compiled of rules) {
      for (const program of new Set(compiled.rule.command?.tokens[0])) {
        const list = this.#byProgram.get(program);
        if (list) list.push(compiled);
        else this.#byProgram.set(program, [compiled]);
      }
    }
  }

  select(part: Part): readonly (readonly CompiledRule[])[] {
    const { command } = part;
    const ofAny = this.#ofAny.select(part);
    // What could not be read at all has no words that a pattern could match.
    if (command === null) return ofAny;
    // A program known only at run time may be any.
    if (command.words[0]?.value === null) return this.#whole;
    const named: (readonly CompiledRule[])[] = [];
    for (const name of command.possibleNames) {
      const list = this.#byProgram.get(name);
      if (list && !named.includes(list)) named.push(list);
    }
    if (named.length === 0) return ofAny;
    return [...ofAny, ...(named.length === 1 ? named : [[...new Set(named.flat())]])];
  }
}
