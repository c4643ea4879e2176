import fc from 'fast-check';
import type { AttributeSchema } from '../../src/index.js';

/** An expression as a tree of CEL's own terms, so that no oracle depends on the code it is compared with. */
export type Cel =
  | { readonly kind: 'value'; readonly value: boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly (number | string)[] }
  | { readonly kind: 'name'; readonly path: readonly string[] }
  | { readonly kind: 'has'; readonly path: readonly string[] }
  | { readonly kind: 'not'; readonly operand: Cel }
  | {
      readonly kind: 'binary';
      readonly operator: '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
      readonly left: Cel;
      readonly right: Cel;
    }
  | { readonly kind: 'call'; readonly target: Cel; readonly method: string; readonly argument: string };

export type Environment = { readonly [name: string]: unknown };

/** Somebody else's evaluator. `source` is the text of `tree`, which is valid CEL if `glob` is declared. */
export interface Oracle {
  readonly name: string;
  evaluate(source: string, tree: Cel, environment: Environment): boolean | 'error';
}

export const schema: AttributeSchema = {
  'subject.kind': { enum: ['user', 'ai', 'system'] },
  'resource.path': 'path',
  'resource.host': 'string',
  'resource.size': 'int',
  'resource.inside': 'bool',
  'resource.locks': 'set',
  'context.labels': 'map',
};

const PATHS = ['a', 'b', 'a/b', 'a/b/c', 'b/a', '.a/b', 'a.b', 'ab', 'c/ab/a.b'];
const PIECES = ['a', 'b', 'ab', 'a.b', '.a', '', 'c', 'a/b', '.b'];
const GLOBS = [
  'a',
  'a/*',
  'a/**',
  '**/b',
  '**',
  '*',
  '?',
  '{a,b}/**',
  '*.b',
  '**/a.b',
  '{a,b/a}',
  '[ab]',
  'a/**/c',
  '[!a]*',
];
const WORDS = ['a', 'b', 'c'];
const SIZES = [-1, 0, 1, 2, 3];

const name = (text: string): Cel => ({ kind: 'name', path: text.split('.') });
const value = (literal: boolean | number | string): Cel => ({ kind: 'value', value: literal });
const of = <T>(items: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...items);

type Operator = Extract<Cel, { kind: 'binary' }>['operator'];

const compared = (path: string, operators: readonly Operator[], values: readonly (boolean | number | string)[]) =>
  fc
    .record({ operator: of(operators), literal: of(values), mirrored: fc.boolean() })
    .map(({ operator, literal, mirrored }): Cel => {
      const [left, right] = mirrored ? [value(literal), name(path)] : [name(path), value(literal)];
      return { kind: 'binary', operator, left, right };
    });

const listed = (path: string, values: readonly (number | string)[]) =>
  fc.array(of(values), { maxLength: 3 }).map((items): Cel => {
    return { kind: 'binary', operator: 'in', left: name(path), right: { kind: 'list', items } };
  });

const called = (path: string, method: string, args: readonly string[]) =>
  of(args).map((argument): Cel => ({ kind: 'call', target: name(path), method, argument }));

const textual = (path: string) =>
  fc.oneof(
    compared(path, ['==', '!='], PATHS),
    listed(path, PATHS),
    called(path, 'startsWith', PIECES),
    called(path, 'endsWith', PIECES),
    called(path, 'contains', PIECES),
    called(path, 'glob', GLOBS),
  );

const held = (path: string) =>
  of(WORDS).map((word): Cel => ({ kind: 'binary', operator: 'in', left: value(word), right: name(path) }));

const ASKED = [
  ...Object.keys(schema).filter((each) => each !== 'context.labels'),
  'context.labels.a',
  'context.labels.b',
];

/** One question. */
export const leaves: fc.Arbitrary<Cel> = fc.oneof(
  { arbitrary: textual('resource.path'), weight: 4 },
  { arbitrary: textual('resource.host'), weight: 2 },
  { arbitrary: compared('subject.kind', ['==', '!='], ['user', 'ai', 'system']), weight: 2 },
  listed('subject.kind', ['user', 'ai', 'system']),
  { arbitrary: compared('resource.size', ['==', '!=', '<', '<=', '>', '>='], SIZES), weight: 3 },
  listed('resource.size', SIZES),
  fc.constant(name('resource.inside')),
  compared('resource.inside', ['==', '!='], [true, false]),
  { arbitrary: held('resource.locks'), weight: 2 },
  held('context.labels'),
  compared('context.labels.a', ['==', '!='], WORDS),
  called('context.labels.b', 'startsWith', ['a', 'b']),
  { arbitrary: of(ASKED).map((each): Cel => ({ kind: 'has', path: each.split('.') })), weight: 2 },
  fc.boolean().map(value),
);

/** Whole expressions, up to some levels deep. */
export const expressions: fc.Arbitrary<Cel> = fc.letrec<{ tree: Cel }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { arbitrary: leaves, weight: 2 },
    { arbitrary: tie('tree').map((operand): Cel => ({ kind: 'not', operand })), weight: 1 },
    {
      arbitrary: fc
        .tuple(of(['&&', '||'] as const), tie('tree'), tie('tree'))
        .map(([operator, left, right]): Cel => ({ kind: 'binary', operator, left, right })),
      weight: 4,
    },
  ),
})).tree;

/**
 * Requests of the declared types. A dotted name is one attribute: its groups are always there, its value may be absent. Maps
 * are always there, because CEL makes an error of `has(m.x)` without `m` and this language says no.
 */
export const environments: fc.Arbitrary<Environment> = fc.record({
  subject: fc.record({ kind: of(['user', 'ai', 'system']) }, { requiredKeys: [] }),
  resource: fc.record(
    {
      path: of(PATHS),
      host: of([...PATHS, '', 'zz']),
      size: of(SIZES),
      inside: fc.boolean(),
      locks: fc.uniqueArray(of(WORDS)),
    },
    { requiredKeys: [] },
  ),
  context: fc.record({ labels: fc.record({ a: of(WORDS), b: of(WORDS), c: of(WORDS) }, { requiredKeys: [] }) }),
});

/** The source of a tree; parentheses around every operand that is one itself. */
export function write(tree: Cel): string {
  switch (tree.kind) {
    case 'value':
      return JSON.stringify(tree.value);
    case 'list':
      return `[${tree.items.map((item) => JSON.stringify(item)).join(', ')}]`;
    case 'name':
      return tree.path.join('.');
    case 'has':
      return `has(${tree.path.join('.')})`;
    case 'not':
      return `!${operand(tree.operand)}`;
    case 'binary':
      return `${operand(tree.left)} ${tree.operator} ${operand(tree.right)}`;
    case 'call':
      return `${write(tree.target)}.${tree.method}(${JSON.stringify(tree.argument)})`;
  }
}

function operand(tree: Cel): string {
  return tree.kind === 'binary' || tree.kind === 'not' ? `(${write(tree)})` : write(tree);
}
