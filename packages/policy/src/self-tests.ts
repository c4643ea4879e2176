import { digestOf, type JsonObject } from '@signalbox/kernel';
import { evaluateRequest } from './evaluate.js';
import { explain } from './explain.js';
import type { Layer } from './file/layer.js';
import type { PolicyProblem } from './file/problem.js';
import type { TestEntry } from './file/schema.js';
import type { MachineFacts } from './judge/facts.js';
import type { Policy } from './load.js';
import type { PolicyRequest } from './request.js';

// Tests say the same on every machine and on every day: no file exists, every program is what its name says, and nothing
// has expired.
const NO_MACHINE: MachineFacts = { realPath: (path) => path, exists: () => false, resolveProgram: () => null };
const BEFORE_EXPIRY = 0;

/** Runs a file's own tests against that file alone. Returns a problem for each that fails. */
export function runSelfTests(layer: Layer): PolicyProblem[] {
  if (layer.tests.length === 0) return [];
  const policy = policyOf(layer);
  return layer.tests.flatMap(({ entry, at }) => {
    const request = requestOf(entry);
    const verdict = evaluateRequest(policy, request, BEFORE_EXPIRY);
    const { decision } = verdict;
    if (decision === entry.expect) return [];
    const reason = explain(policy, verdict, request);
    const [, line = 1, column = 1] = /:(\d+):(\d+)$/.exec(at) ?? [];
    const message = `This test expects ${entry.expect}, but the file says ${decision}: ${reason}`;
    return [{ file: layer.path, line: Number(line), column: Number(column), code: 'POLICY_TEST' as const, message }];
  });
}

function policyOf(layer: Layer): Policy {
  return {
    layers: [layer],
    sources: [],
    rules: layer.rules,
    exceptions: layer.exceptions,
    default: layer.default ?? 'ask',
    problems: [],
    warnings: [],
    digest: digestOf(layer.digest),
    workspace: '/workspace',
    facts: NO_MACHINE,
  };
}

/** The whole request that a test's short form stands for; its subject is an AI unless it says otherwise. */
function requestOf(entry: TestEntry): PolicyRequest {
  const { on, command, argv, cwd, server, tool, path, host, port, scheme, origin, labels, locks } = entry.request;
  const { headless, ci } = entry.request;
  const resource = { ...entry.request.resource, ...given({ path, host, port, scheme, origin }) } as JsonObject;
  return {
    subject: entry.request.subject ?? { kind: 'ai', id: 'test' },
    action: { name: on, ...given({ command, argv, cwd, server, tool }) },
    resource,
    context: {
      task: { id: 'test', type: 'feature', labels: labels ?? {}, ...given({ locks }) },
      headless,
      ci,
    },
  };
}

function given<T extends Record<string, unknown>>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
