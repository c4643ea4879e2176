import { createReportBuilder, type FoundTest } from './builder.js';
import { refuse } from './refuse.js';
import { linesOf, type ReportSource } from './source.js';
import { readTapLine, type TapLine } from './tap-line.js';
import { readDiagnostic, type TapDiagnostic } from './tap-yaml.js';
import type { ReportLimits, TestReport } from './test-report.js';

type Point = Extract<TapLine, { kind: 'point' }>;

/** A test point: with points below it, it is their sum. */
interface FoundPoint extends FoundTest {
  isParent: boolean;
  diagnostic: TapDiagnostic;
}

/** One indentation: the points of one test or of the whole stream. */
interface Level {
  plan: number | undefined;
  points: number;
  ids: Set<number>;
  failed: boolean;
  found: FoundPoint[];
}

interface TapState {
  limits: ReportLimits;
  levels: Level[];
  counts: Map<string, number>;
  /** Points of all levels. */
  total: number;
  /** The number of a point that was there before or is not in the plan. */
  oddId: number | undefined;
  bailedOut: boolean;
  /** An open diagnostic block: its lines, which are as far in as its first. */
  yaml: { indent: number; lines: string[] } | undefined;
  /** The point of the line before: only there may a diagnostic block begin. */
  last: { point: FoundPoint; indent: number } | undefined;
}

const INDENT = 4;

/**
 * Reads TAP 12 to 14, streaming, with subtests by indentation. In what `node --test` writes, a test with subtests is a test as
 * well; elsewhere only points without others below them are counted. A failed test marked as todo is skipped.
 */
export async function parseTap(source: ReportSource, limits: ReportLimits): Promise<TestReport> {
  const state: TapState = {
    limits,
    levels: [createLevel()],
    counts: new Map(),
    total: 0,
    oddId: undefined,
    bailedOut: false,
    yaml: undefined,
    last: undefined,
  };
  for await (const line of linesOf(source, limits)) {
    if (!state.bailedOut) readLine(state, line);
  }
  const top = finish(state);
  // Only Node counts suites; it also numbers the points of a file that fails to load anew (seen with 20.20).
  const isNode = state.counts.has('suites') && state.counts.has('cancelled');
  if (state.oddId !== undefined && !isNode) {
    throw refuse('REPORT_CONTRADICTORY', `Test ${state.oddId} is there twice, or is not in the plan`);
  }
  const builder = createReportBuilder(limits);
  for (const { isParent, diagnostic, ...test } of top.found) {
    const counts = isNode ? diagnostic.type !== 'suite' : !isParent;
    if (!counts) continue;
    const { durationMs, file, message } = diagnostic;
    builder.add({ ...test, durationMs, file, message: test.message || message });
  }
  return builder.build({ tool: isNode ? 'node-test' : 'tap', declared: declaredCounts(state.counts) });
}

function readLine(state: TapState, line: string): void {
  const indent = line.length - line.trimStart().length;
  if (indent > state.limits.depth * INDENT && /^(?:not )?ok\b|^1\.\./.test(line.trimStart())) {
    throw refuse('REPORT_FORBIDDEN', `The report nests deeper than ${state.limits.depth} levels`);
  }
  if (state.yaml) {
    readYamlLine(state, state.yaml, indent, line);
    return;
  }
  const read = readTapLine(line.trim());
  const last = state.last;
  state.last = undefined;
  if (read.kind === 'yaml') {
    if (last && indent === last.indent + 2) {
      state.yaml = { indent, lines: [] };
      state.last = last;
    }
  } else if (read.kind === 'bail-out' && indent % INDENT === 0) bailOut(state, read.reason);
  else if (read.kind === 'count' && indent === 0) state.counts.set(read.what, read.count);
  else if (read.kind === 'plan' && moveTo(state, indent)) setPlan(state, read.count);
  else if (read.kind === 'point' && moveTo(state, indent, read)) addPoint(state, read, indent);
}

function readYamlLine(state: TapState, yaml: NonNullable<TapState['yaml']>, indent: number, line: string): void {
  if (line.trim() === '...' && indent === yaml.indent) {
    if (state.last) state.last.point.diagnostic = readDiagnostic(yaml.lines);
    state.yaml = state.last = undefined;
  } else if (indent < yaml.indent && line.trim() !== '') {
    throw refuse('REPORT_MALFORMED', 'A diagnostic block of the report has no end');
  } else if (yaml.lines.length < MAX_YAML_LINES) yaml.lines.push(line.slice(yaml.indent));
}

const MAX_YAML_LINES = 1_000;

/** Opens or closes levels until the one of `indent` is on top. False if the line is not part of the protocol. */
function moveTo(state: TapState, indent: number, point?: Point): boolean {
  const depth = indent / INDENT + 1;
  if (!Number.isInteger(depth) || depth > state.levels.length + 1) return false;
  if (point?.opens) throw refuse('REPORT_MALFORMED', 'Subtests in braces are not supported; have them indented');
  if (depth > state.levels.length) state.levels.push(createLevel());
  if (state.levels.length === depth) return true;
  if (!point || state.levels.length > depth + 1) {
    throw refuse('REPORT_MALFORMED', 'A subtest ends without a result of its own');
  }
  closeChild(state, state.levels.pop() as Level, point);
  return true;
}

/** Hands the points of a subtest on to the level of `parent`, the point that sums them up. */
function closeChild(state: TapState, child: Level, parent: Point): void {
  checkPlan(child);
  if (child.failed && parent.ok && !parent.directive) {
    throw refuse('REPORT_CONTRADICTORY', `"${parent.name.slice(0, 100)}" passed although a test in it failed`);
  }
  const level = state.levels.at(-1) as Level;
  for (const found of child.found) {
    found.suite = found.suite ? `${parent.name} > ${found.suite}` : parent.name;
    if (found.suite.length > state.limits.nameLength) found.suite = found.suite.slice(0, state.limits.nameLength);
    level.found.push(found);
  }
  state.last = { point: { ...NO_POINT, isParent: child.points > 0 }, indent: -1 };
}

const NO_POINT: FoundPoint = { name: '', status: 'passed', isParent: false, diagnostic: {} };

function addPoint(state: TapState, { ok, id, name, directive }: Point, indent: number): void {
  const level = state.levels.at(-1) as Level;
  const isParent = state.last?.point.isParent ?? false;
  level.points += 1;
  state.total += 1;
  if (state.total > state.limits.tests) {
    throw refuse('REPORT_TOO_LARGE', `The report has over ${state.limits.tests} tests`);
  }
  const number = id ?? level.points;
  if (level.ids.has(number)) state.oddId ??= number;
  level.ids.add(number);
  const status = directive ? 'skipped' : ok ? 'passed' : 'failed';
  if (status === 'failed') level.failed = true;
  const point: FoundPoint = { name, status, message: directive?.reason, isParent, diagnostic: {} };
  // A failure of its own, such as that of a hook, is shown even where points with others below them do not count.
  if (isParent && status === 'failed' && !level.found.some((each) => each.status === 'failed')) point.isParent = false;
  level.found.push(point);
  state.last = { point, indent };
}

function setPlan(state: TapState, count: number): void {
  const level = state.levels.at(-1) as Level;
  if (level.plan !== undefined) throw refuse('REPORT_CONTRADICTORY', 'The report has two plans for one test');
  level.plan = count;
}

function checkPlan({ plan, points, ids }: Level): void {
  if (plan === undefined) throw refuse('REPORT_TRUNCATED', 'The report is cut off before its plan');
  if (points < plan) throw refuse('REPORT_TRUNCATED', `The report plans ${plan} tests and has ${points}`);
  if (points > plan) throw refuse('REPORT_CONTRADICTORY', `The report plans ${plan} tests and has ${points}`);
  for (const id of ids) {
    if (id < 1) throw refuse('REPORT_CONTRADICTORY', `Test ${id} is not in the plan`);
  }
}

function bailOut(state: TapState, reason: string): void {
  state.bailedOut = true;
  const found = state.levels.flatMap((level) => level.found);
  const bail: FoundPoint = { ...NO_POINT, name: 'Bail out!', status: 'failed', message: reason };
  state.levels = [{ ...createLevel(), plan: found.length + 1, points: found.length + 1, found: [...found, bail] }];
  state.counts.clear();
  state.oddId = undefined;
}

function finish(state: TapState): Level {
  if (state.yaml || state.levels.length > 1) throw refuse('REPORT_TRUNCATED', 'The report is cut off within a test');
  const top = state.levels[0] as Level;
  checkPlan(top);
  for (const id of top.ids) if (id > (top.plan ?? 0)) state.oddId ??= id;
  return top;
}

function declaredCounts(
  counts: ReadonlyMap<string, number>,
): Parameters<ReturnType<typeof createReportBuilder>['build']>[0]['declared'] {
  const sum = (...names: string[]): number | undefined =>
    counts.has(names[0] ?? '') ? names.reduce((total, name) => total + (counts.get(name) ?? 0), 0) : undefined;
  return {
    total: sum('tests'),
    passed: sum('pass'),
    failed: sum('fail', 'cancelled'),
    skipped: sum('skipped', 'todo'),
  };
}

function createLevel(): Level {
  return { plan: undefined, points: 0, ids: new Set(), failed: false, found: [] };
}
