import { messageOf, systemClock } from '@signalbox/kernel';
import { bindCase, type ConformanceCase } from './case.js';
import { THEMES } from './cases/all.js';
import type { ConformanceOptions, ConformanceSubject } from './subject.js';

/** Every case for a subject, those that are to be skipped included. */
export function conformanceCases(subject: ConformanceSubject, options: ConformanceOptions = {}): ConformanceCase[] {
  return themes(subject, options).flatMap(([, cases]) => cases);
}

/** What came of one case. */
export interface CaseResult {
  name: string;
  /** True also for a case that was skipped. */
  passed: boolean;
  /** What was violated, and what to do. */
  message?: string;
  /** Why it was not run. */
  skipped?: string;
  /** Real milliseconds. */
  ms: number;
}

export interface ConformanceReport {
  passed: boolean;
  results: CaseResult[];
}

/**
 * Runs every case, one after the other, and tells what came of it. Needs no test runner. While it runs it sets variables of this
 * process's environment, and removes them again. POSIX only. Never rejects for what a connector does.
 */
export async function checkConformance(
  subject: ConformanceSubject,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const results: CaseResult[] = [];
  for (const { name, skip, run } of conformanceCases(subject, options)) {
    if (skip !== null) {
      results.push({ name, passed: true, skipped: skip, ms: 0 });
      continue;
    }
    const began = systemClock.monotonic();
    const message = await run().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    const ms = Math.round(systemClock.monotonic() - began);
    results.push({ name, passed: message === undefined, ...(message === undefined ? {} : { message }), ms });
  }
  return { passed: results.every(({ passed }) => passed), results };
}

/** The functions of a test runner: jest, vitest and `node:test` have them. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
  /** Declares a case that cannot be run, such as `it.skip`. Without it they are left out. */
  skip?(name: string, body: () => Promise<void>): unknown;
}

/**
 * Declares every case as a test of `runner`. A case takes up to some seconds, the floods most: give the runner a limit of a
 * minute.
 */
export function describeConformance(
  subject: ConformanceSubject,
  runner: ConformanceRunner,
  options: ConformanceOptions = {},
): void {
  runner.describe(`the connector ${subject.connector.id}`, () => {
    for (const [theme, cases] of themes(subject, options)) {
      if (cases.length > 0) runner.describe(theme, () => declare(cases, runner));
    }
  });
}

function declare(cases: readonly ConformanceCase[], runner: ConformanceRunner): void {
  for (const { name, skip, run } of cases) {
    if (skip === null) runner.it(name, run);
    else runner.skip?.(`${name} (${skip})`, run);
  }
}

function themes(subject: ConformanceSubject, options: ConformanceOptions): [string, ConformanceCase[]][] {
  const { only } = options;
  return Object.entries(THEMES).map(([theme, definitions]) => [
    theme,
    definitions
      .filter(({ name }) => !only || only.includes(name))
      .map((definition) => bindCase(definition, subject, options)),
  ]);
}
