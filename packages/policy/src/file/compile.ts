import { compileExpression, type Expression, typeOfAttribute } from '@signalbox/rules';
import { ACTIONS, actionsNamed, attributesOf, attributesOfAny, suggestAction } from '../attributes.js';
import { type CommandPattern, compilePattern } from './command-pattern.js';
import type { KeyPath, PolicyDocument } from './document.js';
import { parseExpiry } from './expiry.js';
import type { PolicyException, Rule, Scope } from './layer.js';
import { compileObligations } from './obligation.js';
import type { ExceptionEntry, RuleEntry } from './schema.js';

/** Compiles one rule; what is wrong with it is reported to the document. */
export function compileRule(document: PolicyDocument, scope: Scope, entry: RuleEntry, index: number): Rule {
  const path = ['rules', index];
  const actions = compileActions(document, [...path, 'on'], entry.on);
  return {
    id: `${scope}/${entry.id}`,
    effect: entry.effect,
    on: entry.on,
    command: compileCommand(document, path, entry),
    when: compileCondition(document, [...path, 'when'], entry.when, actions),
    unless: compileCondition(document, [...path, 'unless'], entry.unless, actions),
    reason: entry.reason ?? null,
    mode: entry.mode,
    enforce: entry.enforce,
    overridableBy: entry.overridable_by,
    expiresAt: compileExpiry(document, [...path, 'expires'], entry.expires),
    obligations: compileObligations(document, path, entry, actions),
    trusted: true,
    at: document.at(path),
  };
}

/** Compiles one exception. Its rule may be in another file, so its condition may use the attributes of any action. */
export function compileException(
  document: PolicyDocument,
  scope: Scope,
  entry: ExceptionEntry,
  index: number,
): PolicyException {
  const path = ['exceptions', index];
  return {
    rule: entry.rule,
    effect: entry.effect,
    when: compileCondition(document, [...path, 'when'], entry.when, null),
    reason: entry.reason ?? entry.ticket ?? null,
    by: entry.by ?? null,
    scope,
    expiresAt: compileExpiry(document, [...path, 'expires'], entry.expires),
    at: document.at(path),
    only: null,
  };
}

function compileActions(document: PolicyDocument, path: KeyPath, on: readonly string[]): string[] {
  return on.flatMap((entry, index) => {
    const actions = actionsNamed(entry);
    if (actions.length === 0) {
      const near = suggestAction(entry);
      const advice = near ? ` Did you mean "${near}"?` : '';
      document.report('POLICY_SCHEMA', [...path, index], `There is no action "${entry}".${advice}`);
    }
    return actions;
  });
}

function compileCommand(document: PolicyDocument, path: KeyPath, entry: RuleEntry): CommandPattern | null {
  if (!entry.command) return null;
  const at = [...path, 'command'];
  if (entry.on.some((action) => action !== 'shell.run')) {
    document.report('POLICY_SCHEMA', at, '"command" is for rules on shell.run alone.');
  }
  const pattern = compilePattern(entry.command.argv);
  if (typeof pattern !== 'string') return pattern;
  document.report('POLICY_SCHEMA', [...at, 'argv'], pattern);
  return null;
}

/** `actions`: `null` for any action at all. */
function compileCondition(
  document: PolicyDocument,
  path: KeyPath,
  source: string | undefined,
  actions: readonly string[] | null,
): Expression | null {
  if (source === undefined) return null;
  const compiled = compileExpression(source, attributesOfAny(actions ?? ACTIONS));
  if (!compiled.ok) {
    for (const { message, offset, caret } of compiled.problems) {
      document.report('POLICY_EXPRESSION', path, `${message}\n${caret}`, { offset });
    }
    return null;
  }
  const { expression } = compiled;
  for (const { attribute, offset } of expression.uses) {
    const lacking = (actions ?? []).find((action) => !isDeclared(action, attribute));
    if (!lacking) continue;
    const message = `"${attribute}" is not an attribute of ${lacking}, which this rule is also on; write a rule of its own.`;
    document.report('POLICY_EXPRESSION', path, message, { offset });
  }
  return expression;
}

function isDeclared(action: string, attribute: string): boolean {
  const schema = attributesOf(action);
  const isGroup = Object.keys(schema).some((name) => name.startsWith(`${attribute}.`));
  return isGroup || typeOfAttribute(schema, attribute) !== null;
}

function compileExpiry(document: PolicyDocument, path: KeyPath, text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = parseExpiry(text);
  if (time === null) {
    const message = `"${text}" is neither a date (2027-01-01) nor an instant (2027-01-01T12:00:00Z).`;
    document.report('POLICY_SCHEMA', path, message);
  }
  return time;
}
