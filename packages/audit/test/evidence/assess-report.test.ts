import { describe, expect, it } from '@jest/globals';
import { sha256 } from '@signalbox/kernel';
import { assessReport, gradeOf, type ReportContext, type ReportFigures } from '../../src/index.js';

const START = 1_767_225_600_000;
const run = { startedAt: START, finishedAt: START + 10_000, exitCode: 0, tree: 'aaaa' };
const report: ReportFigures = { total: 3, failed: 0, skipped: 1 };
const context: ReportContext = {
  run,
  lastEditAt: START - 1,
  tree: 'aaaa',
  before: null,
  after: { digest: sha256('new'), modifiedAt: START + 9_000 },
};
const codes = (figures: Partial<ReportFigures>, facts: Partial<ReportContext> = {}): string[] =>
  assessReport({ ...report, ...figures }, { ...context, ...facts }).doubts.map(({ code }) => code);
const at = (offset: number): string => new Date(START + offset).toISOString();

describe('assessReport', () => {
  it('lets a report count that our own run wrote after the last edit', () => {
    expect(assessReport(report, context)).toEqual({ counts: true, doubts: [], grade: 'verified' });
    const failing = { ...context, run: { ...run, exitCode: 1 } };
    expect(assessReport({ ...report, failed: 2 }, failing)).toMatchObject({ counts: true, grade: 'verified' });
    expect(codes({}, { after: null, lastEditAt: null, tree: null })).toEqual([]);
  });

  it.each<[string, Partial<ReportFigures>, Partial<ReportContext>, string]>([
    ['no run of ours', {}, { run: null }, 'REPORT_WITHOUT_RUN'],
    ['a run that was stopped', {}, { run: { ...run, exitCode: null } }, 'REPORT_RUN_UNFINISHED'],
    ['an edit after the run began', {}, { lastEditAt: START + 1 }, 'REPORT_STALE'],
    ['a run on other files', {}, { tree: 'bbbb' }, 'REPORT_OTHER_TREE'],
    ['a file that the run left alone', {}, { before: context.after }, 'REPORT_FROM_BEFORE'],
    [
      'a file that is older than the run',
      {},
      { after: { digest: sha256('x'), modifiedAt: START - 5_000 } },
      'REPORT_FROM_BEFORE',
    ],
    ['a start before the run', { startedAt: at(-3_000) }, {}, 'REPORT_OUTSIDE_RUN'],
    ['an end after the run', { finishedAt: at(13_000) }, {}, 'REPORT_OUTSIDE_RUN'],
    ['a time that is none', { finishedAt: 'yesterday' }, {}, 'REPORT_OUTSIDE_RUN'],
    ['no tests', { total: 0, skipped: 0 }, {}, 'REPORT_EMPTY'],
    ['skipped tests alone', { skipped: 3 }, {}, 'REPORT_ALL_SKIPPED'],
    ['a failing run and no failure in it', {}, { run: { ...run, exitCode: 1 } }, 'REPORT_HIDES_FAILURE'],
    ['a failure in it and a run that succeeded', { failed: 1 }, {}, 'REPORT_EXIT_DISAGREES'],
  ])('refuses one with %s, and says so', (_, figures, facts, code) => {
    const assessment = assessReport({ ...report, ...figures }, { ...context, ...facts });
    expect(assessment).toMatchObject({
      counts: false,
      grade: 'claimed',
      doubts: [{ code, message: expect.stringMatching(/\.$/) }],
    });
  });

  it('takes a file that was written again with the same bytes, and times a little off', () => {
    const before = { digest: sha256('new'), modifiedAt: START - 60_000 };
    expect(codes({ startedAt: at(-1_500), finishedAt: at(11_500) }, { before })).toEqual([]);
    expect(codes({ startedAt: at(-1_500) }, { toleranceMs: 1_000 })).toEqual(['REPORT_OUTSIDE_RUN']);
  });

  it('gives every reason, not only the first', () => {
    expect(codes({ total: 0, skipped: 0 }, { run: null })).toEqual(['REPORT_EMPTY', 'REPORT_WITHOUT_RUN']);
    expect(codes({}, { lastEditAt: START + 5, tree: 'b', before: context.after })).toEqual([
      'REPORT_STALE',
      'REPORT_OTHER_TREE',
      'REPORT_FROM_BEFORE',
    ]);
  });
});

describe('gradeOf', () => {
  it('grades by where evidence comes from, and anything doubtful as claimed', () => {
    expect([gradeOf('agent'), gradeOf('watched'), gradeOf('own-run')]).toEqual(['claimed', 'observed', 'verified']);
    expect([gradeOf('watched', ['why']), gradeOf('own-run', ['why'])]).toEqual(['claimed', 'claimed']);
  });
});
