import { RuleError } from '../errors.js';
import type { ValueTest } from '../expression/formula.js';
import type { AttributeType } from '../expression/schema.js';
import type { ArgvPattern } from './argv-pattern.js';

/** What an atom asks: whether its subject is there, or whether it is there and passes a test. */
export type AtomTest =
  | { readonly kind: 'present' }
  | ValueTest
  | { readonly kind: 'argv'; readonly pattern: ArgvPattern };

/** One attribute, or one member of a map; what no atom can tie to another. */
export interface Subject {
  readonly name: string;
  /** Where its value stands in the nested attributes; a member of a map may have dots in its own name. */
  readonly path: readonly string[];
  readonly type: AttributeType | 'group';
  /** The atom that asks for its presence. */
  readonly presence: number;
}

/** A yes-or-no question about one subject. False of a subject that is absent. */
export interface Atom {
  readonly id: number;
  readonly subject: Subject;
  readonly test: AtomTest;
}

/** Gives equal questions the same number. */
export class AtomTable {
  readonly #subjects = new Map<string, Subject>();
  readonly #ids = new Map<string, number>();
  readonly #atoms: Atom[] = [];

  /** Throws `RuleError` with code `SCHEMA_MISMATCH` if the attribute was seen with another type. */
  subject(path: readonly string[], type: AttributeType | 'group'): Subject {
    const name = path.join('.');
    const known = this.#subjects.get(name);
    if (known) {
      if (JSON.stringify(known.type) === JSON.stringify(type)) return known;
      throw new RuleError({
        code: 'SCHEMA_MISMATCH',
        message: `The attribute "${name}" has two types among the conditions analysed together.`,
        hint: 'Compile all of them against one schema.',
      });
    }
    const subject: Subject = { name, path, type, presence: this.#atoms.length };
    this.#subjects.set(name, subject);
    this.#atoms.push({ id: subject.presence, subject, test: { kind: 'present' } });
    return subject;
  }

  known(name: string): Subject | undefined {
    return this.#subjects.get(name);
  }

  idOf(subject: Subject, test: Exclude<AtomTest, { kind: 'present' }>): number {
    const key = `${subject.name} ${testKey(test)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#atoms.length;
    this.#atoms.push({ id, subject, test });
    this.#ids.set(key, id);
    return id;
  }

  atom(id: number): Atom {
    return this.#atoms[id] as Atom;
  }
}

function testKey(test: Exclude<AtomTest, { kind: 'present' }>): string {
  switch (test.kind) {
    case 'equals':
    case 'holds':
      return JSON.stringify([test.kind, test.value]);
    case 'order':
      return JSON.stringify([test.kind, test.operator, test.value]);
    case 'oneOf':
      return JSON.stringify([test.kind, ...test.values]);
    case 'text':
      return JSON.stringify([test.kind, test.test, test.value]);
    case 'argv':
      return JSON.stringify([test.kind, test.pattern.rest, test.pattern.tokens]);
  }
}
