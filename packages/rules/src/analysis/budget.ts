/** Thrown inside the analysis only; its callers turn it into `unknown`. */
export class BudgetExceeded extends Error {}

/** Steps of work that may be taken. A step is about one visited node of a formula or one move of an automaton. */
export class Budget {
  #left: number;
  readonly #pool: Budget | null;

  /** `pool`: a budget for several questions together, from which every step is taken too. */
  constructor(steps: number, pool: Budget | null = null) {
    this.#left = steps;
    this.#pool = pool;
  }

  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExceeded('the budget of the analysis is used up');
    this.#pool?.spend(steps);
  }
}
