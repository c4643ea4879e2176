import { refuse } from './refuse.js';
import type { TestStatus } from './test-report.js';

interface Counts {
  total: number;
  failed: number;
  skipped: number;
}

/**
 * What a suite declares and what it holds. Tools count differently: tests directly in the suite, all tests below it, or, as
 * `node --test` does, the suites in it as tests of their own.
 */
export interface SuiteTally {
  declared: { [Field in keyof Counts]: number | undefined };
  direct: Counts;
  below: Counts;
  children: Counts;
}

export function createTally(attributes: Record<string, string>): SuiteTally {
  const number = (name: string): number | undefined => {
    const text = attributes[name];
    if (text === undefined || text === '') return undefined;
    if (!/^\d{1,15}$/.test(text)) throw refuse('REPORT_MALFORMED', `${name}="${text.slice(0, 40)}" is not a count`);
    return Number(text);
  };
  const none = (): Counts => ({ total: 0, failed: 0, skipped: 0 });
  return {
    declared: {
      total: number('tests'),
      failed: sum(number('failures'), number('errors')),
      skipped: sum(number('skipped'), number('disabled')),
    },
    direct: none(),
    below: none(),
    children: none(),
  };
}

export function tallyCase(tally: SuiteTally, status: TestStatus): void {
  for (const counts of [tally.direct, tally.below, tally.children]) {
    counts.total += 1;
    if (status !== 'passed') counts[status] += 1;
  }
}

export function tallySuite(parent: SuiteTally, child: SuiteTally): void {
  for (const field of ['total', 'failed', 'skipped'] as const) parent.below[field] += child.below[field];
  parent.children.total += 1;
  parent.children.failed += child.below.failed > 0 ? 1 : 0;
}

/** Throws `REPORT_CONTRADICTORY` if what a suite declares fits no way of counting. */
export function checkSuiteCounts(suite: string, { declared, ...ways }: SuiteTally): void {
  const fits = (counts: Counts): boolean =>
    (['total', 'failed', 'skipped'] as const).every((f) => declared[f] === undefined || declared[f] === counts[f]);
  if (Object.values(ways).some(fits)) return;
  const { total, failed, skipped } = ways.below;
  const said = `${declared.total ?? '?'} tests, ${declared.failed ?? '?'} failed, ${declared.skipped ?? '?'} skipped`;
  throw refuse(
    'REPORT_CONTRADICTORY',
    `The suite "${suite.slice(0, 100)}" declares ${said} and lists ${total}, ${failed} and ${skipped}`,
  );
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
