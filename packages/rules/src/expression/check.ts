import { checkGlob } from '../glob/index.js';
import { suggestName } from '../suggest.js';
import type { Formula, TextTest } from './formula.js';
import type { ExpressionProblemCode, Report } from './problem.js';
import { type AttributeSchema, type AttributeType, describeType, typeOfAttribute, unknownAttribute } from './schema.js';
import type { Relation, Syntax } from './syntax.js';

type Attribute = Extract<Syntax, { kind: 'attribute' }>;
type Literal = Extract<Syntax, { kind: 'literal' }>;

const TEXT_TESTS: readonly string[] = ['startsWith', 'endsWith', 'contains', 'glob'];
const NOTHING: Formula = { kind: 'constant', value: false };

/** Turns syntax into a formula. Reports every type error; after one the returned formula must not be used. */
export function checkTypes(syntax: Syntax, schema: AttributeSchema, report: Report): Formula {
  return new Checker(schema, report).condition(syntax);
}

class Checker {
  readonly #schema: AttributeSchema;
  readonly #report: Report;

  constructor(schema: AttributeSchema, report: Report) {
    this.#schema = schema;
    this.#report = report;
  }

  condition(syntax: Syntax): Formula {
    switch (syntax.kind) {
      case 'and':
      case 'or':
        return { kind: syntax.kind, operands: syntax.operands.map((operand) => this.condition(operand)) };
      case 'not':
        return { kind: 'not', operand: this.condition(syntax.operand) };
      case 'relation':
        return this.#relation(syntax);
      case 'call':
        return this.#call(syntax);
      case 'has':
        return this.#has(syntax.argument);
      case 'attribute':
        return this.#truth(syntax);
      case 'literal':
        if (typeof syntax.value === 'boolean') return { kind: 'constant', value: syntax.value };
        return this.#fail(`${JSON.stringify(syntax.value)} is not a condition.`, syntax.offset);
      case 'list':
        return this.#fail('A list is not a condition; it stands after "in".', syntax.offset);
      case 'invalid':
        return NOTHING;
    }
  }

  #truth(attribute: Attribute): Formula {
    const type = this.#typeOf(attribute);
    if (type === null) return NOTHING;
    if (type !== 'bool') {
      return this.#fail(`"${attribute.path}" is ${describeType(type)}, not a condition; compare it.`, attribute.offset);
    }
    return { kind: 'equals', attribute: attribute.path, type, value: true, offset: attribute.offset };
  }

  #has(argument: Syntax): Formula {
    if (argument.kind === 'invalid') return NOTHING;
    if (argument.kind !== 'attribute') return this.#fail('has() takes an attribute.', argument.offset);
    if (!argument.path.includes('.')) return this.#fail('has() takes a dotted attribute.', argument.offset);
    const { path: attribute, offset } = argument;
    const type = typeOfAttribute(this.#schema, attribute);
    if (type !== null) return { kind: 'has', attribute, type, offset };
    const isGroup = Object.keys(this.#schema).some((name) => name.startsWith(`${attribute}.`));
    if (isGroup) return { kind: 'has', attribute, type: 'group', offset };
    return this.#fail(unknownAttribute(this.#schema, attribute), offset, 'NAME');
  }

  #relation(syntax: Extract<Syntax, { kind: 'relation' }>): Formula {
    const { operator, left, right, offset } = syntax;
    if (left.kind === 'invalid' || right.kind === 'invalid') return NOTHING;
    if (operator === 'in') return this.#membership(left, right, offset);
    if (left.kind === 'attribute' && right.kind === 'literal') return this.#comparison(left, operator, right);
    if (left.kind === 'literal' && right.kind === 'attribute') return this.#comparison(right, mirrored(operator), left);
    if (left.kind === 'attribute' && right.kind === 'attribute') {
      return this.#fail('Two attributes cannot be compared with each other, only with a value.', offset);
    }
    return this.#fail(`"${operator}" compares one attribute with one value.`, offset);
  }

  #comparison(attribute: Attribute, operator: Exclude<Relation, 'in'>, literal: Literal): Formula {
    const type = this.#typeOf(attribute);
    if (type === null || !this.#fits(attribute, type, literal)) return NOTHING;
    const { path, offset } = attribute;
    const { value } = literal;
    if (operator === '==') return { kind: 'equals', attribute: path, type, value, offset };
    if (operator === '!=') return { kind: 'not', operand: { kind: 'equals', attribute: path, type, value, offset } };
    if (typeof value !== 'number') return this.#fail(`"${operator}" orders numbers only.`, literal.offset);
    return { kind: 'order', attribute: path, type, operator, value, offset };
  }

  #membership(left: Syntax, right: Syntax, offset: number): Formula {
    if (left.kind === 'attribute' && right.kind === 'list') return this.#oneOf(left, right.items);
    if (left.kind !== 'literal' || right.kind !== 'attribute') {
      return this.#fail('"in" is written: attribute in ["a", "b"], or "a" in attribute.', offset);
    }
    const type = this.#typeOf(right);
    if (type === null) return NOTHING;
    if (type !== 'set' && type !== 'map') {
      return this.#fail(`"${right.path}" is ${describeType(type)}, and nothing is in it.`, right.offset);
    }
    if (typeof left.value !== 'string') return this.#fail(`"${right.path}" holds text only.`, left.offset);
    return { kind: 'holds', attribute: right.path, type, value: left.value, offset: right.offset };
  }

  #oneOf(attribute: Attribute, items: readonly Syntax[]): Formula {
    const type = this.#typeOf(attribute);
    if (type === null) return NOTHING;
    const values: (number | string)[] = [];
    for (const item of items) {
      if (item.kind === 'invalid') continue;
      if (item.kind !== 'literal') this.#fail('A list holds values only.', item.offset);
      else if (typeof item.value === 'boolean') this.#fail('A list holds numbers or text.', item.offset);
      else if (this.#fits(attribute, type, item)) values.push(item.value);
    }
    return { kind: 'oneOf', attribute: attribute.path, type, values, offset: attribute.offset };
  }

  #call(syntax: Extract<Syntax, { kind: 'call' }>): Formula {
    const { target, method, methodOffset } = syntax;
    if (target.kind === 'invalid') return NOTHING;
    if (!TEXT_TESTS.includes(method)) return this.#fail(unknownMethod(method), methodOffset, 'NAME');
    const argument = syntax.arguments[0];
    if (argument?.kind === 'invalid') return NOTHING;
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string' || syntax.arguments.length !== 1) {
      return this.#fail(`${method}() takes one text in quotes.`, argument?.offset ?? methodOffset);
    }
    if (target.kind !== 'attribute') return this.#fail(`${method}() is asked of an attribute.`, target.offset);
    const type = this.#typeOf(target);
    if (type === null) return NOTHING;
    if (type === 'bool' || type === 'int' || type === 'set' || type === 'map') {
      return this.#fail(`"${target.path}" is ${describeType(type)}, and ${method}() needs text.`, target.offset);
    }
    if (method === 'glob') {
      const reason = checkGlob(argument.value);
      if (reason) return this.#fail(`This pattern is not valid: ${reason}.`, argument.offset);
    }
    const test = method as TextTest;
    return { kind: 'text', attribute: target.path, type, test, value: argument.value, offset: target.offset };
  }

  #fits(attribute: Attribute, type: AttributeType, literal: Literal): boolean {
    const { value, offset } = literal;
    if (typeof type === 'object') {
      if (typeof value === 'string' && type.enum.includes(value)) return true;
      const near = typeof value === 'string' ? suggestName(value, type.enum) : null;
      const meant = near ? ` Did you mean ${JSON.stringify(near)}?` : '';
      this.#fail(`"${attribute.path}" is ${describeType(type)}, never ${JSON.stringify(value)}.${meant}`, offset);
      return false;
    }
    if (type === 'set' || type === 'map') {
      this.#fail(`"${attribute.path}" is ${describeType(type)}; write "x" in ${attribute.path}.`, attribute.offset);
      return false;
    }
    const wanted = { bool: 'boolean', int: 'number', string: 'string', path: 'string' }[type];
    if (typeof value === wanted) return true;
    this.#fail(`"${attribute.path}" is ${describeType(type)}, never ${JSON.stringify(value)}.`, offset);
    return false;
  }

  #typeOf(attribute: Attribute): AttributeType | null {
    const type = typeOfAttribute(this.#schema, attribute.path);
    if (type === null) this.#fail(unknownAttribute(this.#schema, attribute.path), attribute.offset, 'NAME');
    return type;
  }

  #fail(message: string, offset: number, code: ExpressionProblemCode = 'TYPE'): Formula {
    this.#report(code, message, offset);
    return NOTHING;
  }
}

function mirrored(operator: Exclude<Relation, 'in'>): Exclude<Relation, 'in'> {
  const mirror = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
  return mirror[operator];
}

function unknownMethod(method: string): string {
  if (method === 'matches') return 'Regular expressions are not part of this language. Did you mean "glob"?';
  if (['all', 'exists', 'exists_one', 'filter', 'map'].includes(method)) {
    return `Macros such as ${method}() are not part of this language.`;
  }
  const near = suggestName(method, TEXT_TESTS);
  return `There is no method "${method}".${near ? ` Did you mean "${near}"?` : ''}`;
}
