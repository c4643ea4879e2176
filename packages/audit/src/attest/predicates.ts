import type { Digest, JsonObject } from '@signalbox/kernel';
import type { Evidence } from '../evidence/evidence.js';
import type { TestReport } from '../evidence/reports/test-report.js';
import { STATEMENT_TYPE, type Statement, type StatementSubject } from './statement.js';

/** https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md */
export const TEST_RESULT_PREDICATE = 'https://in-toto.io/attestation/test-result/v0.1';
/** Ours: {@link evidenceStatement} says what is in them. */
export const DIFF_PREDICATE = 'https://signalbox.dev/attestation/diff/v1';
export const COMMAND_PREDICATE = 'https://signalbox.dev/attestation/command/v1';
export const EVIDENCE_PREDICATE = 'https://signalbox.dev/attestation/evidence/v1';

/** In-toto's way to point at something. */
export interface ResourceDescriptor {
  name?: string;
  uri?: string;
  digest?: Record<string, string>;
}

/** Says how a whole test report came out. `configuration` names what ran: the command, the file with the checks. */
export function createTestResultStatement(
  report: Pick<TestReport, 'tests'>,
  { subject, configuration }: { subject: StatementSubject[]; configuration: ResourceDescriptor[] },
): Statement {
  const named = (status: TestReport['tests'][number]['status']): string[] =>
    report.tests
      .filter((test) => test.status === status)
      .map(({ name, suite }) => (suite === '' ? name : `${suite} > ${name}`));
  const failedTests = named('failed');
  const passedTests = named('passed');
  const predicate = {
    // Nothing that ran is no pass.
    result: failedTests.length > 0 ? 'FAILED' : passedTests.length > 0 ? 'PASSED' : 'WARNED',
    configuration: configuration.map(toJson),
    passedTests,
    warnedTests: named('skipped'),
    failedTests,
  };
  return { _type: STATEMENT_TYPE, subject, predicateType: TEST_RESULT_PREDICATE, predicate };
}

/**
 * What a piece of evidence says, as a statement about the file tree that it is of, or about its own content where there is no
 * tree. The same evidence always gives the same statement.
 *
 * - `test-report`: test-result/v0.1. A report that does not count is `WARNED`, never `PASSED`.
 * - `diff`: diff/v1 `{evidence, content, base, files, applicable, changes}`; `content` is the patch.
 * - `command`: command/v1 `{evidence, content, command, purpose, exitCode, signal, timedOut, durationMs}`; `content` is the output.
 * - anything else: evidence/v1 `{evidence, content, summary}`.
 *
 * `evidence` is `{id, kind, producer, grade, task, attempt, at}`, `content` is `{digest: {sha256}, size}` in bytes.
 */
export function evidenceStatement(evidence: Evidence): Statement {
  const { summary } = evidence;
  const content = { digest: { ...digestSet(evidence.digest) }, size: evidence.size };
  const about = { evidence: describe(evidence), content };
  const make = (predicateType: string, predicate: JsonObject): Statement => ({
    _type: STATEMENT_TYPE,
    subject: [subjectOf(evidence)],
    predicateType,
    predicate,
  });
  switch (evidence.kind) {
    case 'test-report':
      return make(TEST_RESULT_PREDICATE, testResult(evidence));
    case 'diff':
      return make(DIFF_PREDICATE, { ...about, ...pick(summary, ['base', 'files', 'applicable', 'changes']) });
    case 'command': {
      const fields = ['command', 'purpose', 'exitCode', 'signal', 'timedOut', 'durationMs'];
      return make(COMMAND_PREDICATE, { ...about, ...pick(summary, fields) });
    }
    default:
      return make(EVIDENCE_PREDICATE, { ...about, summary });
  }
}

/** The figures that the collector put into the summary; names only of failures, which is all that it holds. */
function testResult({ summary, digest, id }: Evidence): JsonObject {
  const failed = Number(summary['failed'] ?? 0);
  const result = failed > 0 ? 'FAILED' : summary['counts'] === true ? 'PASSED' : 'WARNED';
  const failures = Array.isArray(summary['failures']) ? summary['failures'] : [];
  return {
    result,
    configuration: [{ name: id, digest: { ...digestSet(digest) } }],
    ...(failures.length > 0 ? { failedTests: failures } : {}),
  };
}

function describe({ id, kind, producer, grade, task, attempt, at }: Evidence): JsonObject {
  return { id, kind, producer, grade, task, attempt, at };
}

/** Git names a tree by 40 or 64 digits; a listing's digest has its algorithm before it. */
function subjectOf({ id, tree, digest }: Evidence): StatementSubject {
  if (tree === null) return { name: id, digest: digestSet(digest) };
  return { name: 'tree', digest: /^[0-9a-f]+$/.test(tree) ? { gitTree: tree } : digestSet(tree as Digest) };
}

function digestSet(digest: Digest): Record<string, string> {
  return { sha256: digest.slice('sha256:'.length) };
}

function pick(summary: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) if (summary[name] !== undefined) picked[name] = summary[name];
  return picked;
}

function toJson({ name, uri, digest }: ResourceDescriptor): JsonObject {
  return {
    ...(name === undefined ? {} : { name }),
    ...(uri === undefined ? {} : { uri }),
    ...(digest === undefined ? {} : { digest }),
  };
}
