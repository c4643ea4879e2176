import type { AtomTable, Subject } from './atom.js';
import type { Budget } from './budget.js';
import { allOf, type Node, simplify } from './node.js';
import type { Standing, Theory } from './theory.js';
import { presenceClauses } from './translate.js';

/**
 * Finds what every subject has to be for a formula to hold, or `null` if nothing does. Sound and complete: it answers atoms
 * one by one (those that stand alone first), keeps what remains of the formula, and gives a branch up when it is false or
 * when no value of a subject fits the answers. No atom ties two subjects together but through presence, which the clauses of
 * `presenceClauses` spell out, so values that fit each subject for itself fit together.
 */
export function findModel(node: Node, table: AtomTable, theory: Theory, budget: Budget): Map<Subject, Standing> | null {
  return new Search(table, theory, budget).run(allOf([node, presenceClauses(node, table)]));
}

class Search {
  readonly #table: AtomTable;
  readonly #theory: Theory;
  readonly #budget: Budget;
  readonly #answers = new Map<number, boolean>();
  readonly #bySubject = new Map<Subject, Map<number, boolean>>();

  constructor(table: AtomTable, theory: Theory, budget: Budget) {
    this.#table = table;
    this.#theory = theory;
    this.#budget = budget;
  }

  run(node: Node): Map<Subject, Standing> | null {
    if (!this.#satisfy(node)) return null;
    const model = new Map<Subject, Standing>();
    for (const [subject, answers] of this.#bySubject) {
      model.set(subject, this.#theory.standing(subject, answers, this.#budget) as Standing);
    }
    return model;
  }

  #satisfy(node: Node): boolean {
    const trail: number[] = [];
    const rest = this.#propagate(node, trail);
    if (rest === true || (rest !== false && this.#branch(rest))) return true;
    for (const atom of trail) this.#retract(atom);
    return false;
  }

  /** Answers the atoms that have to be answered in one way, and returns what remains of the formula. */
  #propagate(node: Node, trail: number[]): Node {
    let rest = simplify(node, this.#answers, this.#budget);
    for (;;) {
      if (typeof rest === 'boolean') return rest;
      const items: readonly Node[] = rest.kind === 'and' ? rest.items : [rest];
      const before = trail.length;
      for (const item of items) {
        if (typeof item === 'boolean' || item.kind !== 'literal') continue;
        const answered = this.#answers.get(item.atom);
        if (answered === item.positive) continue;
        if (answered !== undefined) return false;
        trail.push(item.atom);
        if (!this.#answer(item.atom, item.positive)) return false;
      }
      if (trail.length === before) return rest;
      rest = simplify(rest, this.#answers, this.#budget);
    }
  }

  #branch(node: Node): boolean {
    const { atom, positive } = chooseLiteral(node);
    for (const value of [positive, !positive]) {
      if (this.#answer(atom, value) && this.#satisfy(node)) return true;
      this.#retract(atom);
    }
    return false;
  }

  /** Notes an answer; false if the subject cannot be so. */
  #answer(atom: number, value: boolean): boolean {
    const { subject } = this.#table.atom(atom);
    let answers = this.#bySubject.get(subject);
    if (!answers) {
      answers = new Map();
      this.#bySubject.set(subject, answers);
    }
    answers.set(atom, value);
    this.#answers.set(atom, value);
    return this.#theory.standing(subject, answers, this.#budget) !== null;
  }

  #retract(atom: number): void {
    this.#answers.delete(atom);
    this.#bySubject.get(this.#table.atom(atom).subject)?.delete(atom);
  }
}

/** The first literal of the shortest choice: fewest ways to go wrong. */
function chooseLiteral(node: Node): { atom: number; positive: boolean } {
  let at = node;
  while (typeof at !== 'boolean' && at.kind !== 'literal') {
    const choices: readonly Node[] =
      at.kind === 'and' ? [...at.items].sort((a, b) => widthOf(a) - widthOf(b)) : at.items;
    at = choices[0] as Node;
  }
  return at as Exclude<Node, boolean> & { kind: 'literal' };
}

function widthOf(node: Node): number {
  return typeof node === 'boolean' || node.kind === 'literal' ? 1 : node.items.length;
}
