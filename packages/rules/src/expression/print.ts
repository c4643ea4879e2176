import type { Formula, Leaf } from './formula.js';

/**
 * The canonical text of a formula: attribute before value, double quotes, no parentheses but where they are needed, joined
 * chains. Compiling it gives a formula of the same meaning that prints to the same text.
 */
export function printFormula(formula: Formula): string {
  switch (formula.kind) {
    case 'constant':
      return String(formula.value);
    case 'not':
      return printNegation(formula.operand);
    case 'and':
      return flatten(formula, 'and')
        .map((operand) =>
          withoutDoubleNegation(operand).kind === 'or' ? parenthesise(operand) : printFormula(operand),
        )
        .join(' && ');
    case 'or':
      return flatten(formula, 'or').map(printFormula).join(' || ');
    default:
      return printLeaf(formula);
  }
}

function printNegation(operand: Formula): string {
  if (operand.kind === 'not') return printFormula(operand.operand);
  if (operand.kind === 'equals' && operand.value !== true) {
    return `${operand.attribute} != ${printValue(operand.value)}`;
  }
  const isWhole =
    operand.kind === 'constant' || operand.kind === 'has' || operand.kind === 'text' || operand.kind === 'equals';
  return isWhole ? `!${printFormula(operand)}` : `!${parenthesise(operand)}`;
}

function parenthesise(formula: Formula): string {
  return `(${printFormula(formula)})`;
}

function flatten(formula: Extract<Formula, { kind: 'and' | 'or' }>, kind: 'and' | 'or'): Formula[] {
  return formula.operands.flatMap((each) => {
    const operand = withoutDoubleNegation(each);
    return operand.kind === kind ? flatten(operand, kind) : [operand];
  });
}

function withoutDoubleNegation(formula: Formula): Formula {
  if (formula.kind !== 'not' || formula.operand.kind !== 'not') return formula;
  return withoutDoubleNegation(formula.operand.operand);
}

function printLeaf(leaf: Leaf): string {
  const { attribute } = leaf;
  switch (leaf.kind) {
    case 'has':
      return `has(${attribute})`;
    case 'equals':
      return leaf.value === true ? attribute : `${attribute} == ${printValue(leaf.value)}`;
    case 'order':
      return `${attribute} ${leaf.operator} ${printValue(leaf.value)}`;
    case 'oneOf':
      return `${attribute} in [${leaf.values.map(printValue).join(', ')}]`;
    case 'holds':
      return `${printValue(leaf.value)} in ${attribute}`;
    case 'text':
      return `${attribute}.${leaf.test}(${printValue(leaf.value)})`;
  }
}

// Every escape that JSON writes is one of CEL's.
function printValue(value: boolean | number | string): string {
  return JSON.stringify(value);
}
