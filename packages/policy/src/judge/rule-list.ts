import type { Attributes, Leaf } from '@signalbox/rules';
import type { CompiledRule } from './compiled-rule.js';
import type { Part } from './part.js';

type Lists = readonly (readonly CompiledRule[])[];

// Below this, looking a value up costs more than asking the rules one by one.
const WORTH_IT = 4;

/**
 * Rules by a value that their condition insists on: of fifty rules with `resource.host == "…"` all but one are false at a
 * glance. A rule that is left out could neither have matched nor have failed.
 */
export class RuleList {
  readonly #whole: Lists;
  readonly #free: readonly CompiledRule[];
  readonly #guards: readonly Guard[];

  constructor(rules: readonly CompiledRule[]) {
    const guards = new Map<string, Guard>();
    const kept: CompiledRule[] = [];
    for (const compiled of rules) {
      const leaf = guardOf(compiled);
      if (leaf === null) kept.push(compiled);
      else guardFor(guards, leaf).add(compiled, leaf);
    }
    const worthy = [...guards.values()].filter((guard) => guard.rules.length >= WORTH_IT);
    const rest = [...guards.values()].filter((guard) => guard.rules.length < WORTH_IT).flatMap((guard) => guard.rules);
    this.#whole = [rules];
    this.#guards = worthy;
    this.#free = [...kept, ...rest].sort((a, b) => a.position - b.position);
  }

  /** Lists with every rule that may have something to say about the part; none stands in two of them. */
  select({ views }: Part): Lists {
    if (this.#guards.length === 0 || views.length === 0) return this.#whole;
    const lists = [this.#free];
    const [only] = views;
    for (const guard of this.#guards) {
      if (views.length === 1 && only) guard.selectFor(only.attributes, lists);
      else if (views.some((view) => guard.mayHold(view.attributes))) lists.push(guard.rules);
    }
    return lists;
  }
}

function guardFor(guards: Map<string, Guard>, leaf: GuardLeaf): Guard {
  const key = `${leaf.ofSet} ${leaf.attribute}`;
  let guard = guards.get(key);
  if (guard === undefined) {
    guard = new Guard(leaf);
    guards.set(key, guard);
  }
  return guard;
}

/** The rules that insist on values of one attribute: its text, or members of its set. */
class Guard {
  readonly rules: CompiledRule[] = [];
  readonly #byValue = new Map<unknown, CompiledRule[]>();
  readonly #parts: readonly string[];
  readonly #ofSet: boolean;

  constructor({ attribute, ofSet }: GuardLeaf) {
    this.#parts = attribute.split('.');
    this.#ofSet = ofSet;
  }

  add(compiled: CompiledRule, leaf: GuardLeaf): void {
    this.rules.push(compiled);
    for (const value of new Set(leaf.values)) {
      const list = this.#byValue.get(value);
      if (list) list.push(compiled);
      else this.#byValue.set(value, [compiled]);
    }
  }

  /** Adds the rules that these attributes leave in question. */
  selectFor(attributes: Attributes, lists: (readonly CompiledRule[])[]): void {
    const values = this.#valuesIn(attributes);
    // What is absent or of another type than declared makes each of the rules fail, which counts.
    if (values === null) lists.push(this.rules);
    else if (typeof values === 'string') this.#add(values, lists);
    else for (const value of new Set(values)) this.#add(value, lists);
  }

  mayHold(attributes: Attributes): boolean {
    const values = this.#valuesIn(attributes);
    if (values === null) return true;
    return typeof values === 'string' ? this.#byValue.has(values) : values.some((value) => this.#byValue.has(value));
  }

  #add(value: unknown, lists: (readonly CompiledRule[])[]): void {
    const found = this.#byValue.get(value);
    if (found) lists.push(found);
  }

  /** The text, or the members; `null` if there is no such thing. */
  #valuesIn(attributes: Attributes): string | readonly unknown[] | null {
    let value: unknown = attributes;
    for (const part of this.#parts) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
      value = (value as Attributes)[part];
    }
    if (!this.#ofSet) return typeof value === 'string' ? value : null;
    if (typeof value !== 'object' || value === null) return null;
    return Array.isArray(value) ? value : Object.getOwnPropertyNames(value);
  }
}

interface GuardLeaf {
  readonly attribute: string;
  readonly ofSet: boolean;
  readonly values: readonly string[];
}

/** A test on text or on a set that has to be true for the rule's condition to be true. */
function guardOf({ rule }: CompiledRule): GuardLeaf | null {
  const formula = rule.when?.formula;
  if (!formula) return null;
  const operands = formula.kind === 'and' ? formula.operands : [formula];
  for (const operand of operands) {
    if (operand.kind === 'equals' || operand.kind === 'oneOf' || operand.kind === 'holds') {
      const leaf = leafOf(operand);
      if (leaf) return leaf;
    }
  }
  return null;
}

function leafOf(leaf: Leaf): GuardLeaf | null {
  const { attribute, type } = leaf;
  if (leaf.kind === 'holds') return { attribute, ofSet: true, values: [leaf.value] };
  if (type !== 'string' && type !== 'path') return null;
  if (leaf.kind === 'equals' && typeof leaf.value === 'string')
    return { attribute, ofSet: false, values: [leaf.value] };
  if (leaf.kind === 'oneOf') return { attribute, ofSet: false, values: leaf.values.map(String) };
  return null;
}
