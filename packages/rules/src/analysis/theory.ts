import type { ValueTest } from '../expression/formula.js';
import type { AtomTable, Subject } from './atom.js';
import type { Budget } from './budget.js';
import { findValue } from './find-value.js';
import type { Dfa } from './text/dfa.js';
import { dfaOf } from './text/find-text.js';

/** What a subject can be: absent, or present with a value. */
export type Standing = { readonly present: false } | { readonly present: true; readonly value: unknown };

/** Answers whether the answers given to the atoms of one subject go together, and remembers what it found out. */
export class Theory {
  readonly #table: AtomTable;
  readonly #known = new Map<string, Standing | null>();
  readonly #dfas = new Map<string, Dfa>();

  constructor(table: AtomTable) {
    this.#table = table;
  }

  /** A standing of the subject that fits the answers, absent if that fits; `null` if nothing fits. */
  standing(subject: Subject, answers: ReadonlyMap<number, boolean>, budget: Budget): Standing | null {
    const presence = answers.get(subject.presence);
    const tests = [...answers].filter(([id]) => id !== subject.presence).sort(([a], [b]) => a - b);
    const isAsked = tests.some(([, positive]) => positive);
    if (presence === false) return isAsked ? null : { present: false };
    if (presence === undefined && !isAsked) return { present: false };
    const key = `${subject.presence}:${tests.map(([id, positive]) => (positive ? id : -id)).join(' ')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const signed = tests.map(([id, positive]) => ({ test: this.#table.atom(id).test, positive }));
    const value = findValue(subject, signed, budget, (test) => this.#dfa(test));
    const standing = value === null ? null : ({ present: true, value } as const);
    this.#known.set(key, standing);
    return standing;
  }

  #dfa(test: ValueTest): Dfa {
    const key = JSON.stringify(test.kind === 'text' ? [test.test, test.value] : [test]);
    let dfa = this.#dfas.get(key);
    if (!dfa) {
      dfa = dfaOf(test);
      this.#dfas.set(key, dfa);
    }
    return dfa;
  }
}
