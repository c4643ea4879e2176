import type { CharSet } from '../../glob/char-set.js';

export { DEAD } from '../../glob/lazy-dfa.js';

/** A deterministic automaton over code points, built as it is walked. */
export interface Dfa {
  readonly start: number;
  /** Characters in the same of these sets and outside the same are treated alike. */
  readonly sets: readonly CharSet[];
  /** What one move costs, in steps of the budget. */
  readonly cost: number;
  next(state: number, codePoint: number): number;
  accepts(state: number): boolean;
  /** True where every continuation is accepted. */
  isFull(state: number): boolean;
}
