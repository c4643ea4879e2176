import { compileMatcher } from '../glob/compile-matcher.js';
import { parseGlob } from '../glob/index.js';
import type { TextTest, ValueTest } from './formula.js';
import type { AttributeType } from './schema.js';

/** True or false, or for a value that is not of the declared type the rest of a sentence that says so. */
type Test = (value: unknown) => boolean | string;

/** Compiles the question that a leaf asks of the value of its attribute. */
export function compileTest(leaf: { readonly type: AttributeType } & ValueTest): Test {
  switch (leaf.kind) {
    case 'equals':
      return typed(leaf.type, (value) => value === leaf.value);
    case 'order': {
      const { operator, value: bound } = leaf;
      return typed(leaf.type, (value) => compare(operator, value as number, bound));
    }
    case 'oneOf': {
      const members = new Set<unknown>(leaf.values);
      return typed(leaf.type, (value) => members.has(value));
    }
    case 'holds':
      return (value) => holds(value, leaf.value);
    case 'text': {
      const test = textTest(leaf.test, leaf.value);
      return typed(leaf.type, (value) => test(value as string));
    }
  }
}

function typed(type: AttributeType, test: (value: unknown) => boolean): Test {
  if (typeof type === 'object') {
    const members = new Set<unknown>(type.enum);
    return (value) => (members.has(value) ? test(value) : 'has a value in this request that is not one of its own');
  }
  // A fraction in place of a whole number would fall between what analysis takes for neighbours.
  if (type === 'int') return (value) => (Number.isInteger(value) ? test(value) : mistyped(value, 'whole number'));
  const wanted = type === 'bool' ? 'boolean' : 'string';
  return (value) => (typeof value === wanted ? test(value) : mistyped(value, wanted));
}

function mistyped(value: unknown, wanted: string): string {
  return `is a ${typeof value} in this request, not a ${wanted}`;
}

function compare(operator: '<' | '<=' | '>' | '>=', a: number, b: number): boolean {
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function textTest(test: TextTest, value: string): (text: string) => boolean {
  if (test === 'startsWith') return (text) => text.startsWith(value);
  if (test === 'endsWith') return (text) => text.endsWith(value);
  if (test === 'contains') return (text) => text.includes(value);
  return compileMatcher(parseGlob(value));
}

function holds(value: unknown, member: string): boolean | string {
  if (Array.isArray(value)) return value.includes(member);
  if (typeof value === 'object' && value !== null) return Object.hasOwn(value, member);
  return 'is neither a set nor a map in this request';
}
