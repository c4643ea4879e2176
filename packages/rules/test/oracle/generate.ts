import fc from 'fast-check';
import { type Cel, type Environment, schema } from './cel.js';

const PATHS = ['a', 'b', 'a/b', 'a/b/c', 'b/a', '.a/b', 'a.b', 'ab', 'c/ab/a.b', 'é/😀', 'b/😀'];
// Text that needs care between quotes.
const HOSTS = [...PATHS, '', 'zz', "it's", 'say "a"', 'a\\b', 'two\nlines', '\u0007\t', '// a', 'à', 'A'];
const PIECES = ['a', 'b', 'ab', 'a.b', '.a', '', 'c', 'a/b', '.b', '😀', "'", '"', '\\', '\n', 'A'];
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
  '{é,b}/?',
  '**/*.b',
  '*[a-b]/**',
];
const WORDS = ['a', 'b', 'c'];
const SIZES = [-1, 0, 1, 2, 3, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

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

const textual = (path: string, texts: readonly string[]) =>
  fc.oneof(
    compared(path, ['==', '!='], texts),
    listed(path, texts),
    called(path, 'startsWith', PIECES),
    called(path, 'endsWith', PIECES),
    called(path, 'contains', PIECES),
    called(path, 'glob', GLOBS),
  );

const held = (path: string) =>
  of(WORDS).map((word): Cel => ({ kind: 'binary', operator: 'in', left: value(word), right: name(path) }));

const ASKED = [...Object.keys(schema), 'context.labels.a', 'context.labels.b'];

/** One question. */
export const leaves: fc.Arbitrary<Cel> = fc.oneof(
  { arbitrary: textual('resource.path', PATHS), weight: 4 },
  { arbitrary: textual('resource.host', HOSTS), weight: 2 },
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

/** Requests of the declared types, in which any attribute, any map and any group of attributes may be absent. */
export const environments: fc.Arbitrary<Environment> = fc.record(
  {
    subject: fc.record({ kind: of(['user', 'ai', 'system']) }, { requiredKeys: [] }),
    resource: fc.record(
      {
        path: of(PATHS),
        host: of(HOSTS),
        size: of(SIZES),
        inside: fc.boolean(),
        locks: fc.uniqueArray(of(WORDS)),
      },
      { requiredKeys: [] },
    ),
    context: fc.record(
      { labels: fc.record({ a: of(WORDS), b: of(WORDS), c: of(WORDS) }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
