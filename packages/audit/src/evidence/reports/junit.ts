import sax, { type QualifiedTag, type Tag } from 'sax';
import { createReportBuilder, type ReportBuilder, zonedTime } from './builder.js';
import { checkSuiteCounts, createTally, type SuiteTally, tallyCase, tallySuite } from './junit-counts.js';
import { refuse } from './refuse.js';
import { type ReportSource, textOf } from './source.js';
import type { ReportLimits, TestReport, TestStatus } from './test-report.js';

type Attributes = Record<string, string>;

interface OpenCase {
  name: string;
  suite: string;
  file: string | undefined;
  seconds: string | undefined;
  status: TestStatus;
  message: string;
}

interface JUnitState {
  builder: ReportBuilder;
  limits: ReportLimits;
  /** Names of the open elements. */
  elements: string[];
  suites: { name: string; tally: SuiteTally }[];
  current: OpenCase | undefined;
  /** Text of an open `failure`, `error` or `skipped`. */
  text: string | undefined;
  startedAt: number | undefined;
  /** `node --test` ends its report with comments such as ` tests 3 `. */
  isNode: boolean;
}

/**
 * Reads JUnit XML, streaming. Entities other than XML's own five, a document type, and what is not well-formed are refused. A
 * time counts only if it names its zone.
 */
export async function parseJUnit(source: ReportSource, limits: ReportLimits): Promise<TestReport> {
  const state: JUnitState = {
    builder: createReportBuilder(limits),
    limits,
    elements: [],
    suites: [],
    current: undefined,
    text: undefined,
    startedAt: undefined,
    isNode: false,
  };
  let roots = 0;
  const parser = sax.parser(true, { xmlns: false, position: true });
  parser.onerror = (error) => {
    throw error;
  };
  parser.ondoctype = () => {
    throw refuse('REPORT_FORBIDDEN', 'The report has a document type, which can define entities');
  };
  parser.onopentag = (tag) => {
    if (state.elements.length === 0) roots += 1;
    if (roots > 1) throw refuse('REPORT_MALFORMED', 'The report has two roots');
    open(state, tag);
  };
  parser.onclosetag = (name) => close(state, name);
  parser.ontext = parser.oncdata = (text) => {
    if (state.text !== undefined && state.text.length < limits.messageLength) state.text += text;
  };
  parser.oncomment = (text) => {
    state.isNode ||= /^\s*duration_ms \d/.test(text);
  };
  for await (const text of textOf(source, limits)) feed(() => parser.write(text));
  if (roots === 0 || state.elements.length > 0) throw refuse('REPORT_TRUNCATED', 'The XML of the report is cut off');
  feed(() => parser.close());
  return state.builder.build({ tool: state.isNode ? 'node-test' : 'junit', startedAt: state.startedAt });
}

function feed(step: () => unknown): void {
  try {
    step();
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error;
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    if (message.startsWith('Max buffer length')) {
      throw refuse('REPORT_TOO_LARGE', 'The report has an attribute or a name that is too long', error);
    }
    throw refuse('REPORT_MALFORMED', `The report is not well-formed XML: ${message}`, error);
  }
}

function open(state: JUnitState, tag: Tag | QualifiedTag): void {
  const attributes = tag.attributes as Attributes;
  if (state.elements.length === 0 && tag.name !== 'testsuites' && tag.name !== 'testsuite') {
    throw refuse('REPORT_MALFORMED', `The report begins with <${tag.name.slice(0, 40)}>, so it is not JUnit XML`);
  }
  if (state.elements.length >= state.limits.depth) {
    throw refuse('REPORT_FORBIDDEN', `The report nests deeper than ${state.limits.depth} levels`);
  }
  state.elements.push(tag.name);
  if (tag.name === 'testsuites' || tag.name === 'testsuite') {
    const name = tag.name === 'testsuite' ? (attributes['name'] ?? '') : '';
    state.suites.push({ name, tally: createTally(attributes) });
    state.startedAt ??= zonedTime(attributes['timestamp']);
  } else if (tag.name === 'testcase') {
    if (state.current) throw refuse('REPORT_MALFORMED', 'A test in the report lies within another');
    state.current = openCase(state, attributes);
  } else if (isOutcome(tag.name)) {
    state.text = '';
    openOutcome(state, tag.name, attributes);
  }
}

function openCase(state: JUnitState, attributes: Attributes): OpenCase {
  const names = state.suites.map(({ name }) => name).filter((name) => name !== '');
  const left = attributes['status'] === 'notrun' || attributes['status'] === 'disabled';
  return {
    name: attributes['name'] ?? '',
    suite: names.join(' > ') || (attributes['classname'] ?? ''),
    file: attributes['file'],
    seconds: attributes['time'],
    status: left ? 'skipped' : 'passed',
    message: '',
  };
}

function openOutcome(state: JUnitState, name: string, attributes: Attributes): void {
  // Outside of a test it says that the suite itself broke.
  state.current ??= { ...openCase(state, {}), name: '(suite)' };
  if (name !== 'skipped') state.current.status = 'failed';
  else if (state.current.status === 'passed') state.current.status = 'skipped';
  if (state.current.message === '' && attributes['message'] !== 'true') {
    state.current.message = attributes['message'] ?? '';
  }
}

function close(state: JUnitState, name: string): void {
  state.elements.pop();
  if (name === 'testsuites' || name === 'testsuite') {
    const { tally, name: suite } = state.suites.pop() as JUnitState['suites'][number];
    checkSuiteCounts(suite, tally);
    const parent = state.suites.at(-1);
    if (parent) tallySuite(parent.tally, tally);
  } else if (isOutcome(name) && state.current) {
    if (state.current.message === '') state.current.message = state.text ?? '';
    state.text = undefined;
    if (!state.elements.includes('testcase')) addCase(state, state.current);
  } else if (name === 'testcase' && state.current) {
    const { tally } = state.suites.at(-1) as JUnitState['suites'][number];
    tallyCase(tally, state.current.status);
    addCase(state, state.current);
  }
}

function addCase(state: JUnitState, { seconds, ...found }: OpenCase): void {
  state.builder.add({ ...found, durationMs: seconds === undefined ? undefined : milliseconds(seconds) });
  state.current = undefined;
}

function milliseconds(seconds: string): number {
  const value = Number(seconds.replaceAll(',', '')); // some tools write 1,234.5
  if (seconds.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw refuse('REPORT_MALFORMED', `"${seconds.slice(0, 40)}" is not a duration`);
  }
  return value * 1000;
}

function isOutcome(name: string): boolean {
  return name === 'failure' || name === 'error' || name === 'skipped';
}
