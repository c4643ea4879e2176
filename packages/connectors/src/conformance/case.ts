import { checkAgainstSchema } from '../schema-check.js';
import { type Bench, type BenchOptions, createBench } from './bench.js';
import type { Place } from './stage.js';
import { withoutStrayErrors } from './stray-errors.js';
import type { ConformanceOptions, ConformanceSubject, Scenario, Situation } from './subject.js';

/** One thing that a connector must or must not do. */
export interface ConformanceCase {
  /** A sentence about the connector: what it does when all is well. */
  readonly name: string;
  /** The must or must not of the contract. */
  readonly about: string;
  /** Why the case cannot be run for this subject; null when it can. */
  readonly skip: string | null;
  /** Rejects with an error whose message says what was violated and what to do. */
  run(): Promise<void>;
}

/** What a case works with. */
export interface CaseContext extends BenchOptions {
  readonly subject: ConformanceSubject;
  /** Prepares a run in a situation. */
  open(situation: Situation): Bench;
  /** Prepares a run with the subject's own configuration, whose agent may be anything. */
  openBare(): Bench;
}

export interface CaseDefinition {
  name: string;
  about: string;
  /** Situations without which the case makes no sense. */
  needs?: readonly Situation[];
  /** It uses the subject's own configuration where there is no scenario. */
  bare?: boolean;
  /** Why it does not apply to this subject, or null. */
  skip?(subject: ConformanceSubject): string | null;
  run(context: CaseContext): Promise<void>;
}

const FLOOD_BYTES = 100 * 1024 * 1024;
const PATIENCE_MS = 20_000;

/** Binds a definition to a subject. */
export function bindCase(
  definition: CaseDefinition,
  subject: ConformanceSubject,
  options: ConformanceOptions,
): ConformanceCase {
  const { patienceMs = PATIENCE_MS, floodBytes = FLOOD_BYTES } = options;
  const { name, about } = definition;
  return {
    ...{ name, about, skip: reasonToSkip(definition, subject) },
    async run() {
      const benches: Bench[] = [];
      const prepare = (setUp: (place: Place) => Scenario): Bench => {
        const bench = createBench(subject.connector, setUp, { patienceMs, floodBytes });
        benches.push(bench);
        return bench;
      };
      const open = (situation: Situation): Bench =>
        prepare(({ stage }) => {
          const scenario = subject.scenarios?.[situation];
          if (typeof scenario !== 'function') throw new Error(`There is no scenario "${situation}".`);
          return scenario(stage);
        });
      const openBare = (): Bench => prepare(() => ({ config: subject.config ?? {} }));
      try {
        await withoutStrayErrors(() => definition.run({ subject, patienceMs, floodBytes, open, openBare }));
      } finally {
        await Promise.all(benches.map((bench) => bench.close()));
      }
    },
  };
}

function reasonToSkip({ needs = [], bare, skip }: CaseDefinition, subject: ConformanceSubject): string | null {
  const reason = skip?.(subject) ?? null;
  if (reason !== null) return reason;
  if (bare && subject.config === undefined && !takesEmptyConfig(subject)) {
    return 'No configuration was given, and the schema refuses an empty one.';
  }
  if (needs.length > 0 && !subject.scenarios) return 'No stand-in for the agent was given.';
  for (const situation of needs) {
    const scenario = subject.scenarios?.[situation];
    if (scenario === undefined) return `There is no scenario "${situation}".`;
    if (typeof scenario === 'string') return scenario;
  }
  return null;
}

/** Also for a schema that is none: another case says so. */
function takesEmptyConfig({ connector }: ConformanceSubject): boolean {
  try {
    return checkAgainstSchema(connector.configSchema, {}).length === 0;
  } catch {
    return true;
  }
}
