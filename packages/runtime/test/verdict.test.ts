import { describe, expect, it } from '@jest/globals';
import { type CheckResult, judgeAttempt, type VerdictInput } from '../src/index.js';

const passed = (command: string, tree: string | null = 't1'): CheckResult => ({
  command,
  exitCode: 0,
  timedOut: false,
  tree,
  tail: '',
});

type Change = Partial<Omit<VerdictInput, 'task'>> & { task?: Partial<VerdictInput['task']> };

/** A chore with one check that passed on a change of one file, but for `change`. */
function judge({ task, ...change }: Change = {}) {
  return judgeAttempt({
    task: { type: 'chore', checks: ['npm test'], locks: [], ...task },
    changed: ['src/a.ts'],
    tree: 't1',
    checks: [passed('npm test')],
    existing: [],
    nested: [],
    secret: false,
    changedByChecks: [],
    deniedPaths: [],
    askedPaths: [],
    demanded: [],
    collected: ['diff', 'command'],
    refusedChecks: [],
    reportReasons: [],
    counted: ['diff', 'command'],
    ...change,
  });
}

const exclusive = (glob: string) => ({ glob, mode: 'exclusive' as const });
const shared = (glob: string) => ({ glob, mode: 'shared' as const });

describe('the verdict', () => {
  it.each<[string, Change]>([
    ['a change with its check passed', {}],
    ['several checks that all passed', { task: { checks: ['a', 'b'] }, checks: [passed('b'), passed('a')] }],
    ['a change inside one of the exclusive locks', { task: { locks: [exclusive('docs/**'), exclusive('src/*')] } }],
    ['what policy demands, when it is there', { demanded: ['diff'] }],
    ['a command that changed nothing and has no check', { task: { type: 'command', checks: [] }, changed: [] }],
    ['a command that touches what checks depend on', { task: { type: 'command' }, changed: ['package.json'] }],
    ['a review', { task: { type: 'review', checks: [] }, changed: [], collected: ['artefact'] }],
    ['research', { task: { type: 'research', checks: [] }, changed: null, tree: null, collected: ['artefact'] }],
    ['work outside of git whose check passed', { changed: null, tree: null, checks: [passed('npm test', null)] }],
  ])('passes %s', (_what, change) => {
    expect(judge(change)).toEqual({ pass: true, needsPerson: false, reasons: [] });
  });

  it.each<[string, string, Change, RegExp]>([
    [
      'CHECK_FAILED',
      'a check that fails',
      { checks: [{ ...passed('npm test'), exitCode: 2, tail: 'boom' }] },
      /exited with 2\.\nboom$/,
    ],
    [
      'CHECK_FAILED',
      'a check that takes too long',
      { checks: [{ ...passed('npm test'), exitCode: null, timedOut: true }] },
      /ran out of time\.$/,
    ],
    ['CHECK_MISSING', 'a check that did not run', { checks: [passed('another')] }, /`npm test` did not run/],
    [
      'CHECK_STALE',
      'checks that change the work',
      { changedByChecks: ['src/a.ts'] },
      /changed what they judged: `src\/a.ts`/,
    ],
    ['NESTED_REPOSITORY', 'a repository inside', { nested: ['src/lib'] }, /src\/lib/],
    ['UNREADABLE_NAME', 'a file name that is no UTF-8', { changed: ['src/\uFFFDx'] }, /UTF-8/],
    ['NO_ARTEFACT', 'a review without a word', { task: { type: 'review', checks: [] }, changed: [] }, /says nothing/],
    ['CHECK_STALE', 'a check that ran on another tree', { checks: [passed('npm test', 't0')] }, /before the last edit/],
    ['OUTSIDE_LOCKS', 'a change outside the locks', { task: { locks: [exclusive('docs/**')] } }, /src\/a\.ts/],
    ['OUTSIDE_LOCKS', 'a change under a shared lock', { task: { locks: [shared('src/**')] } }, /src\/a\.ts/],
    [
      'OUTSIDE_LOCKS',
      'a review that changes what it locked for reading',
      { task: { type: 'review', checks: [], locks: [shared('**')] } },
      /src\/a\.ts/,
    ],
    ['PATH_DENIED', 'a path that policy denies', { deniedPaths: ['.env'] }, /denies: \.env/],
    ['NO_CHANGE', 'a feature that changes nothing', { task: { type: 'feature' }, changed: [] }, /Nothing was changed/],
  ])('%s: sends %s back for another attempt', (code, _what, change, message) => {
    const verdict = judge(change);
    expect(verdict).toMatchObject({ pass: false, needsPerson: false, reasons: [{ code }] });
    expect(verdict.reasons[0]?.message).toMatch(message);
  });

  it.each<[string, string, Change]>([
    ['SECRET', 'a change with a secret in it', { secret: true }],
    ['NO_CHECK', 'a review that changes files', { task: { type: 'review', checks: [] }, collected: ['artefact'] }],
    [
      'CHECK_CHANGED',
      'an edit in a folder that a check names',
      {
        task: { checks: ['node --test test/'] },
        changed: ['test/a.js'],
        existing: ['test/a.js'],
        checks: [passed('node --test test/')],
      },
    ],
    ['CHECK_REFUSED', 'a check that policy does not allow', { refusedChecks: ['npm test'], checks: [] }],
    ['PATH_ASKS', 'a path that policy asks about', { askedPaths: ['src/a.ts'] }],
    ['NO_CHECK', 'a change without any check', { task: { checks: [] } }],
    ['NO_CHECK', 'work outside of git without any check', { task: { checks: [] }, changed: null, tree: null }],
    ['CHECK_CHANGED', 'test configuration that changed', { changed: ['src/a.ts', 'app/jest.config.mjs'] }],
    ['CHECK_CHANGED', 'package scripts that changed', { changed: ['package.json'] }],
    [
      'CHECK_CHANGED',
      'a script that a check names',
      {
        task: { checks: ['sh ./ci/check.sh && true'] },
        checks: [passed('sh ./ci/check.sh && true')],
        changed: ['ci/check.sh'],
      },
    ],
    ['EVIDENCE_MISSING', 'evidence that policy demands and nobody has', { demanded: ['test-report'] }],
  ])('%s: keeps %s for a person', (code, _what, change) => {
    expect(judge(change)).toMatchObject({ pass: false, needsPerson: true, reasons: [{ code }] });
  });

  it.each(['feature', 'bugfix', 'refactor', 'test', 'docs', 'chore'] as const)('asks a %s for a change', (type) => {
    expect(judge({ task: { type }, changed: [] }).reasons.map((reason) => reason.code)).toEqual(['NO_CHANGE']);
    expect(judge({ task: { type } }).pass).toBe(true);
  });

  it('lists every reason, and prefers another attempt to a person when one can mend something', () => {
    const verdict = judge({
      task: { locks: [exclusive('docs/**')], checks: ['a', 'b'] },
      checks: [{ ...passed('a'), exitCode: 1 }],
      refusedChecks: ['b'],
      askedPaths: ['src/a.ts'],
      demanded: ['sbom'],
    });
    expect(verdict.reasons.map((reason) => reason.code)).toEqual([
      ...['CHECK_FAILED', 'CHECK_REFUSED', 'OUTSIDE_LOCKS', 'PATH_ASKS', 'EVIDENCE_MISSING'],
    ]);
    expect(verdict.needsPerson).toBe(false);
  });
});
