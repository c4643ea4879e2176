import type { DecisionFacts } from '../record.js';

/** What a decision may learn about the machine. Answers are recorded, so that a replay can be given the same ones. */
export interface MachineFacts {
  /**
   * The path with every symbolic link of its existing part followed, `..` taken after following. Parts that do not exist
   * stay as they are. Throws where links form a loop or a folder may not be read.
   */
  realPath(absolutePath: string): string;
  exists(absolutePath: string): boolean;
  /** The file that a name without a slash starts, seen from `cwd`; `null` if there is none. */
  resolveProgram(name: string, cwd: string): string | null;
  /** The same facts for one decision, during which an answer may be remembered. Default: these. */
  forDecision?(): MachineFacts;
}

/** The facts of one decision: each asked for once, each kept. */
export class RecordedFacts {
  #machine: MachineFacts | null = null;
  readonly #source: MachineFacts;
  // Most requests ask nothing, so there is nothing until the first question.
  #realPaths: Map<string, string | null> | null = null;
  #exists: Map<string, boolean> | null = null;
  #programs: Map<string, string | null> | null = null;

  #root: string | null = null;
  #realRoot = '';

  constructor(machine: MachineFacts) {
    this.#source = machine;
  }

  /** `null` if it cannot be found out. */
  realPath(path: string): string | null {
    this.#realPaths ??= new Map();
    let answer = this.#realPaths.get(path);
    if (answer === undefined) {
      answer = this.#askRealPath(path);
      this.#realPaths.set(path, answer);
    }
    return answer;
  }

  /** The real path of the workspace, or `root` itself where that cannot be found out. */
  realRoot(root: string): string {
    // Wanted with every path of a line: looked up by its name once.
    if (this.#root !== root) {
      this.#realRoot = this.realPath(root) ?? root;
      this.#root = root;
    }
    return this.#realRoot;
  }

  exists(path: string): boolean {
    this.#exists ??= new Map();
    let answer = this.#exists.get(path);
    if (answer === undefined) {
      answer = this.#askExists(path);
      this.#exists.set(path, answer);
    }
    return answer;
  }

  resolveProgram(name: string, cwd: string): string | null {
    this.#programs ??= new Map();
    const key = `${name} from ${cwd}`;
    let answer = this.#programs.get(key);
    if (answer === undefined) {
      answer = this.#ask().resolveProgram(name, cwd);
      this.#programs.set(key, answer);
    }
    return answer;
  }

  /** All of it as plain JSON. */
  recorded(): DecisionFacts {
    return {
      realPaths: toObject(this.#realPaths),
      exists: toObject(this.#exists),
      programs: toObject(this.#programs),
    };
  }

  #ask(): MachineFacts {
    this.#machine ??= this.#source.forDecision?.() ?? this.#source;
    return this.#machine;
  }

  #askRealPath(path: string): string | null {
    try {
      return this.#ask().realPath(path);
    } catch {
      return null;
    }
  }

  #askExists(path: string): boolean {
    try {
      return this.#ask().exists(path);
    } catch {
      return true; // what cannot be looked at may well exist
    }
  }
}

function toObject<T>(answers: ReadonlyMap<string, T> | null): Record<string, T> {
  const object: Record<string, T> = {};
  // A quarter of the time of `Object.fromEntries`. No key is `__proto__`: each has an absolute path in it.
  if (answers !== null) for (const [key, answer] of answers) object[key] = answer;
  return object;
}
