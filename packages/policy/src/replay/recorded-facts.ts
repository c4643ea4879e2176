import type { MachineFacts } from '../judge/facts.js';
import type { DecisionFacts } from '../record.js';

/** A machine of which nothing is known but what a record says. */
export interface RecordedMachine extends MachineFacts {
  /** From now on, the machine of this record. */
  use(facts: DecisionFacts): void;
  /** What was asked for since and was not recorded, such as `exists /etc/passwd`; each once. */
  readonly missing: readonly string[];
}

const NOTHING: DecisionFacts = { realPaths: {}, exists: {}, programs: {} };

/** Answers to what was not recorded are the strictest, and it is for the caller not to rely on them. */
export function createRecordedMachine(): RecordedMachine {
  let facts = NOTHING;
  let missing = new Set<string>();
  const recall = <T>(answers: Readonly<Record<string, T>>, key: string, what: string): T | undefined => {
    if (Object.hasOwn(answers, key)) return answers[key];
    missing.add(`${what} ${key}`);
    return undefined;
  };
  return {
    use(next) {
      facts = next;
      missing = new Set();
    },
    get missing() {
      return [...missing];
    },
    realPath(path) {
      const answer = recall(facts.realPaths, path, 'real path');
      if (typeof answer !== 'string') throw new Error(`Where ${path} leads is not recorded.`);
      return answer;
    },
    exists: (path) => recall(facts.exists, path, 'exists') ?? true,
    resolveProgram: (name, cwd) => recall(facts.programs, `${name} from ${cwd}`, 'program') ?? null,
  };
}
