import type { ValueTest } from '../expression/formula.js';
import type { AttributeType } from '../expression/schema.js';
import { compileTest } from '../expression/value-test.js';
import type { AtomTest, Subject } from './atom.js';
import type { Budget } from './budget.js';
import { findList } from './find-list.js';
import type { Dfa } from './text/dfa.js';
import { dfaOf, findText } from './text/find-text.js';
import { isNormalPath, PATHS } from './text/path-dfa.js';

/** A test that the value of a subject has to pass, or with `positive` false must not pass. */
export interface Signed<Test> {
  readonly test: Test;
  readonly positive: boolean;
}

/** Turns a test on text into its automaton; the caller may keep the automata. */
export type DfaSource = (test: ValueTest) => Dfa;

/** A value of the subject's type that passes every test, or `null` if there is none. */
export function findValue(
  subject: Subject,
  tests: readonly Signed<AtomTest>[],
  budget: Budget,
  dfas: DfaSource = dfaOf,
): unknown {
  const { type } = subject;
  if (type === 'group' || type === 'map') return {};
  if (type === 'set') return findSet(tests, budget);
  const valueTests = tests.filter((each): each is Signed<ValueTest> => isValueTest(each.test));
  if (type === 'string' || type === 'path') return findString(type, valueTests, budget, dfas);
  return firstPassing(candidates(type, valueTests), type, valueTests, budget);
}

function isValueTest(test: AtomTest): test is ValueTest {
  return test.kind !== 'present' && test.kind !== 'argv';
}

function findSet(tests: readonly Signed<AtomTest>[], budget: Budget): string[] | null {
  const words = (positive: boolean): string[] =>
    tests.flatMap((each) => (each.positive === positive && each.test.kind === 'holds' ? [each.test.value] : []));
  const patterns = (positive: boolean) =>
    tests.flatMap((each) => (each.positive === positive && each.test.kind === 'argv' ? [each.test.pattern] : []));
  const demands = {
    matching: patterns(true),
    notMatching: patterns(false),
    holding: words(true),
    notHolding: words(false),
  };
  return findList(demands, budget);
}

function findString(
  type: 'string' | 'path',
  tests: readonly Signed<ValueTest>[],
  budget: Budget,
  dfas: DfaSource,
): string | null {
  const listed = tests.find(({ test, positive }) => positive && (test.kind === 'equals' || test.kind === 'oneOf'));
  if (listed) {
    const values = valuesOf(listed.test).filter((value) => type === 'string' || isNormalPath(String(value)));
    return firstPassing(values, type, tests, budget) as string | null;
  }
  const demands = tests.map(({ test, positive }) => ({ dfa: dfas(test), positive }));
  return findText(type === 'path' ? [{ dfa: PATHS, positive: true }, ...demands] : demands, budget);
}

/** Values such that if any of the type passes the tests, one of these does. */
function candidates(type: AttributeType, tests: readonly Signed<ValueTest>[]): readonly unknown[] {
  if (type === 'bool') return [true, false];
  if (typeof type === 'object') return type.enum;
  // Between two neighbours among the numbers that are named, all numbers are alike.
  const named = tests.flatMap(({ test }) => valuesOf(test)).map(Number);
  return [...new Set([0, ...named.flatMap((value) => [value, value - 1, value + 1])])];
}

function valuesOf(test: ValueTest): readonly (boolean | number | string)[] {
  if (test.kind === 'oneOf') return test.values;
  return test.kind === 'equals' || test.kind === 'order' ? [test.value] : [];
}

function firstPassing(
  values: readonly unknown[],
  type: AttributeType,
  tests: readonly Signed<ValueTest>[],
  budget: Budget,
): unknown {
  const compiled = tests.map(({ test, positive }) => ({ test: compileTest({ type, ...test }), positive }));
  const found = values.find((value) => {
    budget.spend(1 + compiled.length);
    return compiled.every(({ test, positive }) => test(value) === positive);
  });
  return found ?? null;
}
