import type { ValueTest } from '../../expression/formula.js';
import { parseGlob } from '../../glob/glob.js';
import { LazyDfa } from '../../glob/lazy-dfa.js';
import type { Budget } from '../budget.js';
import { chooseAlphabet } from './alphabet.js';
import { DEAD, type Dfa } from './dfa.js';
import { createInfixDfa, createListDfa, createPrefixDfa, createSuffixDfa } from './literal-dfa.js';

/** A language, or with `positive` false all that is not in it. */
export interface Demand {
  readonly dfa: Dfa;
  readonly positive: boolean;
}

/** The texts that pass a test. */
export function dfaOf(test: ValueTest): Dfa {
  if (test.kind === 'equals') return createListDfa([String(test.value)]);
  if (test.kind === 'oneOf') return createListDfa(test.values.map(String));
  if (test.kind !== 'text') throw new TypeError(`${test.kind} is not asked of text`);
  if (test.test === 'glob') return globDfa(test.value);
  const create = { startsWith: createPrefixDfa, endsWith: createSuffixDfa, contains: createInfixDfa }[test.test];
  return create(test.value);
}

function globDfa(pattern: string): Dfa {
  const dfa = new LazyDfa(parseGlob(pattern));
  return {
    start: dfa.start,
    sets: dfa.charSets(),
    cost: 1 + Math.floor(dfa.width / 16),
    next: (state, codePoint) => dfa.next(state, codePoint),
    accepts: (state) => dfa.accepts(state),
    isFull: () => false,
  };
}

/** Where a demand is met whatever follows. */
const MET = -2;

interface Step {
  readonly states: readonly number[];
  readonly from: number;
  readonly char: number;
}

/** A shortest text that meets every demand, or `null` if there is none: breadth first through the product of the automata. */
export function findText(demands: readonly Demand[], budget: Budget): string | null {
  const alphabet = chooseAlphabet(demands.flatMap(({ dfa }) => dfa.sets));
  const cost = demands.reduce((total, { dfa }) => total + dfa.cost, 1);
  const steps: Step[] = [];
  const seen = new Set<string>();
  const visit = (states: number[], from: number, char: number): boolean => {
    for (const [index, { dfa, positive }] of demands.entries()) {
      const state = states[index] as number;
      if (state === MET) continue;
      const settled = state === DEAD ? !positive : dfa.isFull(state) ? positive : null;
      if (settled === false) return false;
      if (settled) states[index] = MET;
    }
    const key = states.join(' ');
    if (seen.has(key)) return false;
    seen.add(key);
    steps.push({ states, from, char });
    return demands.every(({ dfa, positive }, index) => {
      const state = states[index] as number;
      return state === MET || dfa.accepts(state) === positive;
    });
  };
  const starts = demands.map(({ dfa }) => dfa.start);
  if (visit(starts, -1, 0)) return '';
  for (let at = 0; at < steps.length; at++) {
    const { states } = steps[at] as Step;
    for (const char of alphabet) {
      budget.spend(cost);
      const next = demands.map(({ dfa }, index) => {
        const state = states[index] as number;
        return state === MET ? MET : dfa.next(state, char);
      });
      if (visit(next, at, char)) return spell(steps);
    }
  }
  return null;
}

/** The text on the way to the last step. */
function spell(steps: readonly Step[]): string {
  const chars: string[] = [];
  for (let step = steps.at(-1); step && step.from >= 0; step = steps[step.from]) {
    chars.push(String.fromCodePoint(step.char));
  }
  return chars.reverse().join('');
}
