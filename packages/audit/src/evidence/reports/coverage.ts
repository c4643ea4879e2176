import * as z from 'zod';
import { readJsonReport } from './json.js';
import { refuse } from './refuse.js';
import { linesOf, type ReportSource } from './source.js';
import { REPORT_LIMITS, type ReportLimits } from './test-report.js';

export type CoverageFormat = 'istanbul-summary' | 'lcov';

export interface CoverageCount {
  covered: number;
  total: number;
}

/** How much of the code ran. The sums are ours, over the files that the report lists. */
export interface CoverageSummary {
  format: CoverageFormat;
  files: number;
  lines: CoverageCount;
  branches: CoverageCount;
  functions: CoverageCount;
  /** lcov does not count statements. */
  statements?: CoverageCount;
}

const Count = z.object({ total: z.int().nonnegative(), covered: z.int().nonnegative() });
const FileSummary = z.object({ lines: Count, branches: Count, functions: Count, statements: Count });
const IstanbulSummary = z.record(z.string(), FileSummary);
const METRICS = ['lines', 'branches', 'functions', 'statements'] as const;
type Metric = (typeof METRICS)[number];
type Sums = Record<Metric, CoverageCount>;

/** Reads a coverage report: istanbul's `json-summary`, or lcov's tracefile. Throws as `parseTestReport` does. */
export async function parseCoverage(
  source: ReportSource,
  format: CoverageFormat,
  limits: Partial<ReportLimits> = {},
): Promise<CoverageSummary> {
  const all = { ...REPORT_LIMITS, ...limits };
  return format === 'lcov' ? parseLcov(source, all) : parseIstanbul(source, all);
}

async function parseIstanbul(source: ReportSource, limits: ReportLimits): Promise<CoverageSummary> {
  const { total, ...files } = await readJsonReport(source, IstanbulSummary, limits);
  if (!total) throw refuse('REPORT_MALFORMED', 'The coverage summary has no total');
  const names = Object.keys(files);
  if (names.length > limits.tests) throw refuse('REPORT_TOO_LARGE', `The report has over ${limits.tests} files`);
  const sums = noSums();
  for (const name of names) for (const metric of METRICS) add(sums[metric], files[name]?.[metric], name);
  for (const metric of METRICS) {
    if (total[metric].total !== sums[metric].total || total[metric].covered !== sums[metric].covered) {
      throw refuse('REPORT_CONTRADICTORY', `The ${metric} of the total are not the sum of those of the files`);
    }
  }
  return { format: 'istanbul-summary', files: names.length, ...sums };
}

/** The marks of lcov: found and hit, and the record of a single one. */
const LCOV = { L: 'lines', BR: 'branches', FN: 'functions' } as const;

async function parseLcov(source: ReportSource, limits: ReportLimits): Promise<CoverageSummary> {
  const sums = noSums();
  let files = 0;
  let record: Map<string, number> | undefined;
  for await (const line of linesOf(source, limits)) {
    const [, mark = '', value = ''] = /^([A-Z]+):(.*)$/.exec(line.trim()) ?? [];
    if (mark === 'SF') {
      if (record) throw refuse('REPORT_MALFORMED', 'A file of the coverage report has no end_of_record');
      record = new Map();
      files += 1;
      if (files > limits.tests) throw refuse('REPORT_TOO_LARGE', `The report has over ${limits.tests} files`);
    } else if (line.trim() === 'end_of_record') {
      if (!record) throw refuse('REPORT_MALFORMED', 'An end_of_record of the coverage report has no file');
      addRecord(sums, record);
      record = undefined;
    } else if (record && mark !== '') readLcovLine(record, mark, value);
  }
  if (record) throw refuse('REPORT_TRUNCATED', 'The coverage report is cut off');
  if (files === 0) throw refuse('REPORT_MALFORMED', 'The file holds no lcov record');
  return { format: 'lcov', files, lines: sums.lines, branches: sums.branches, functions: sums.functions };
}

function readLcovLine(record: Map<string, number>, mark: string, value: string): void {
  if (/^(?:L|BR|FN)[FH]$/.test(mark)) {
    if (!/^\d{1,15}$/.test(value)) throw refuse('REPORT_MALFORMED', `${mark}:${value.slice(0, 40)} is not a count`);
    record.set(mark, Number(value));
  } else if (mark === 'DA') {
    const [, hits] = /^\d+,(-?\d+)/.exec(value) ?? [];
    if (hits === undefined) throw refuse('REPORT_MALFORMED', `DA:${value.slice(0, 40)} is not a line and its count`);
    record.set('lines', (record.get('lines') ?? 0) + 1);
    if (Number(hits) > 0) record.set('hit', (record.get('hit') ?? 0) + 1);
  }
}

function addRecord(sums: Sums, record: ReadonlyMap<string, number>): void {
  const listed = record.get('lines');
  const hit = record.get('hit') ?? 0;
  const total = record.get('LF') ?? listed ?? 0;
  const covered = record.get('LH') ?? hit;
  if (listed !== undefined && (total !== listed || covered !== hit)) {
    throw refuse(
      'REPORT_CONTRADICTORY',
      `The coverage report declares ${covered} of ${total} lines, lists ${hit} of ${listed}`,
    );
  }
  add(sums.lines, { total, covered }, 'a file');
  for (const mark of ['BR', 'FN'] as const) {
    add(sums[LCOV[mark]], { total: record.get(`${mark}F`) ?? 0, covered: record.get(`${mark}H`) ?? 0 }, 'a file');
  }
}

function add(sum: CoverageCount, count: CoverageCount | undefined, name: string): void {
  if (!count) return;
  if (count.covered > count.total) {
    throw refuse('REPORT_CONTRADICTORY', `${name.slice(0, 200)} has more covered than there is`);
  }
  sum.total += count.total;
  sum.covered += count.covered;
}

function noSums(): Sums {
  const none = (): CoverageCount => ({ covered: 0, total: 0 });
  return { lines: none(), branches: none(), functions: none(), statements: none() };
}
