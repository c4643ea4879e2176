import type { Attributes } from '@signalbox/rules';
import type { ShellWord } from '../shell/line.js';

/** One way to look at a request. A path has two: as written, and as the real path behind it. */
export interface View {
  readonly attributes: Attributes;
  /** Only a rule that denies or asks may match on this view. */
  readonly tightenOnly: boolean;
}

/** The names under which a program start can be matched. */
export interface CommandIdentity {
  readonly words: readonly ShellWord[];
  /** The program's names for a rule that allows: none if it is not certain which file starts. */
  readonly certainNames: readonly string[];
  /** The program's names for a rule that denies or asks. */
  readonly possibleNames: readonly string[];
}

/** One thing that a request would do. A shell line has many; everything else is one. The strictest part decides. */
export interface Part {
  readonly action: string;
  /** For a person: `git push`, `write to src/a.ts`. */
  readonly label: string;
  readonly views: readonly View[];
  readonly command: CommandIdentity | null;
  /** False if what happens is known only at run time, so that no rule may allow it. */
  readonly certain: boolean;
  /** Inferred rather than asked for: it can make the decision stricter and is otherwise as if absent. */
  readonly inferred: boolean;
}
