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
}

/** The facts of one decision: each asked for once, each kept. An unanswerable real path is `null`. */
export interface RecordedFacts {
  realPath(absolutePath: string): string | null;
  exists(absolutePath: string): boolean;
  resolveProgram(name: string, cwd: string): string | null;
  readonly recorded: DecisionFacts;
}

export function recordFacts(facts: MachineFacts): RecordedFacts {
  const recorded: DecisionFacts = { realPaths: {}, exists: {}, programs: {} };
  return {
    recorded,
    realPath: (path) => remember(recorded.realPaths, path, () => safely(() => facts.realPath(path))),
    exists: (path) => remember(recorded.exists, path, () => exists(facts, path)),
    resolveProgram: (name, cwd) =>
      remember(recorded.programs, `${name} from ${cwd}`, () => facts.resolveProgram(name, cwd)),
  };
}

function remember<T>(store: Record<string, T>, key: string, ask: () => T): T {
  if (!Object.hasOwn(store, key)) {
    // Defined, not assigned: a path may be called "__proto__".
    Object.defineProperty(store, key, { value: ask(), enumerable: true, configurable: true, writable: true });
  }
  return store[key] as T;
}

// What cannot be looked at may well exist.
function exists(facts: MachineFacts, path: string): boolean {
  try {
    return facts.exists(path);
  } catch {
    return true;
  }
}

function safely(ask: () => string): string | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
