import type { Attributes, Leaf } from '@signalbox/rules';
import { parseGlob } from '@signalbox/rules/glob';
import type { CompiledRule } from './compiled-rule.js';
import type { Part, View } from './part.js';

type Lists = readonly (readonly CompiledRule[])[];

// Below this, looking a value up costs more than asking the rules one by one.
const WORTH_IT = 4;

/**
 * Rules by a value that their condition insists on: of fifty rules with `resource.host == "…"`, or each about a folder of its
 * own, all but one are false at a glance. A rule that is left out could neither have matched nor have failed.
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
      else guard.selectForAny(views, lists);
    }
    return lists;
  }
}

function guardFor(guards: Map<string, Guard>, leaf: GuardLeaf): Guard {
  const key = `${leaf.of} ${leaf.attribute}`;
  let guard = guards.get(key);
  if (guard === undefined) {
    guard = new Guard(leaf);
    guards.set(key, guard);
  }
  return guard;
}

/** The rules that insist on values of one attribute: its text, the first segment of that, or members of its set. */
class Guard {
  readonly rules: CompiledRule[] = [];
  readonly #byValue = new Map<unknown, CompiledRule[]>();
  readonly #parts: readonly string[];
  readonly #of: GuardLeaf['of'];
  /** False once a rule stands under two values. */
  #isPartition = true;

  constructor({ attribute, of }: GuardLeaf) {
    this.#parts = attribute.split('.');
    this.#of = of;
  }

  add(compiled: CompiledRule, leaf: GuardLeaf): void {
    this.rules.push(compiled);
    const values = new Set(leaf.values);
    if (values.size > 1) this.#isPartition = false;
    for (const value of values) {
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

  /** Adds the rules that one of several views leaves in question. */
  selectForAny(views: readonly View[], lists: (readonly CompiledRule[])[]): void {
    const values = new Set<unknown>();
    for (const { attributes } of views) {
      const own = this.#valuesIn(attributes);
      if (own === null) {
        lists.push(this.rules);
        return;
      }
      if (typeof own === 'string') values.add(own);
      else for (const value of own) values.add(value);
    }
    if (this.#isPartition) for (const value of values) this.#add(value, lists);
    else if ([...values].some((value) => this.#byValue.has(value))) lists.push(this.rules);
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
    if (this.#of === 'text') return typeof value === 'string' ? value : null;
    if (this.#of === 'segment') return typeof value === 'string' ? firstSegment(value) : null;
    if (typeof value !== 'object' || value === null) return null;
    return Array.isArray(value) ? value : Object.getOwnPropertyNames(value);
  }
}

function firstSegment(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? path : path.slice(0, slash);
}

interface GuardLeaf {
  readonly attribute: string;
  readonly of: 'text' | 'segment' | 'set';
  readonly values: readonly string[];
}

/** A test on text or on a set that has to be true for the rule's condition to be true. */
function guardOf({ rule }: CompiledRule): GuardLeaf | null {
  const formula = rule.when?.formula;
  if (!formula) return null;
  const operands = formula.kind === 'and' ? formula.operands : [formula];
  for (const operand of operands) {
    if (operand.kind === 'equals' || operand.kind === 'oneOf' || operand.kind === 'holds' || operand.kind === 'text') {
      const leaf = leafOf(operand);
      if (leaf) return leaf;
    }
  }
  return null;
}

function leafOf(leaf: Leaf): GuardLeaf | null {
  const { attribute, type } = leaf;
  if (leaf.kind === 'holds') return { attribute, of: 'set', values: [leaf.value] };
  if (type !== 'string' && type !== 'path') return null;
  if (leaf.kind === 'equals' && typeof leaf.value === 'string') return { attribute, of: 'text', values: [leaf.value] };
  if (leaf.kind === 'oneOf') return { attribute, of: 'text', values: leaf.values.map(String) };
  const segment = leaf.kind === 'text' ? segmentOf(leaf) : null;
  return segment === null ? null : { attribute, of: 'segment', values: [segment] };
}

/** The first segment of every text that passes the test; `null` if there is no such one. */
function segmentOf({ test, value }: Extract<Leaf, { kind: 'text' }>): string | null {
  if (test === 'startsWith') return value.includes('/') ? firstSegment(value) : null;
  // A prefix of whole segments.
  const prefix = test === 'glob' ? parseGlob(value).literalPrefix : '';
  return prefix === '' ? null : firstSegment(prefix);
}
