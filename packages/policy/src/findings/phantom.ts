import { type AttributeSchema, compileExpression } from '@signalbox/rules';
import type { Judgeable } from '@signalbox/rules/analysis';

/**
 * An attribute that no request has. A rule that also asks for a value of it is analysed like any other and yet never covers
 * another rule: there is always a request with another value.
 */
export const PHANTOM = 'phantom.role';
export const PHANTOM_SCHEMA: AttributeSchema = { [PHANTOM]: 'string' };

/** A condition that holds for one role of the phantom, and `when` too if it is given. */
export function onlyInRole(role: string, when: Judgeable | null): Judgeable {
  const compiled = compileExpression(`${PHANTOM} == ${JSON.stringify(role)}`, PHANTOM_SCHEMA);
  if (!compiled.ok) return when ?? { formula: { kind: 'constant', value: false }, outcome: () => false };
  const gate = compiled.expression;
  if (when === null) return gate;
  return {
    formula: { kind: 'and', operands: [gate.formula, when.formula] },
    outcome: (attributes) => (gate.outcome(attributes) === true ? when.outcome(attributes) : false),
  };
}
