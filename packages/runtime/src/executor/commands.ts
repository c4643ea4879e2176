import { type Evidence, type EvidenceDraft, redactText } from '@signalbox/audit';
import { type AttemptMarker, exportedEnvironment, type RunResult } from '@signalbox/connectors';
import type { ExecutorEnv } from './env.js';
import type { CheckResult } from './verdict.js';

const TAIL_CHARACTERS = 2_000;
/** For a check or a set-up line when the task names no limit of its own. */
export const COMMAND_TIMEOUT_MS = 15 * 60_000;

export interface CommandScope {
  marker: AttemptMarker;
  task: string;
  folder: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface CommandRun {
  result: RunResult;
  /** Ready to be recorded: the output is in the blob store, redacted. */
  draft: EvidenceDraft;
  tail: string;
}

/** Runs a shell line in the attempt's folder and environment, supervised, and keeps its output as evidence. */
export async function runCommand(
  env: ExecutorEnv,
  scope: CommandScope,
  line: string,
  about: { purpose: 'check' | 'setup'; tree: string | null },
): Promise<CommandRun> {
  const result = await env.processes.run({
    argv: ['sh', '-c', line],
    cwd: scope.folder,
    environment: exportedEnvironment(env.environment, []),
    marker: scope.marker,
    timeoutMs: scope.timeoutMs,
    signal: scope.signal,
  });
  const output = redactText(`${result.stdout.toString('utf8')}${result.stderr.toString('utf8')}`);
  const blob = await env.blobs.put(output);
  return {
    result,
    tail: output.slice(-TAIL_CHARACTERS).trim(),
    draft: {
      task: scope.task,
      attempt: scope.marker.attempt,
      kind: 'command',
      producer: 'signalbox/executor',
      grade: 'verified',
      tree: about.tree,
      digest: blob.digest,
      size: blob.size,
      summary: {
        purpose: about.purpose,
        command: redactText(line),
        exitCode: result.code,
        signal: result.signal,
        timedOut: result.timedOut,
        durationMs: Math.round(result.durationMs),
        droppedBytes: result.dropped.stdout + result.dropped.stderr,
      },
    },
  };
}

export interface ChecksOutcome {
  results: CheckResult[];
  drafts: EvidenceDraft[];
}

/** Runs the checks one after the other on the folder as it is. `tree` is what they are taken to speak about. */
export async function runChecks(
  env: ExecutorEnv,
  scope: CommandScope,
  checks: readonly string[],
  tree: string | null,
): Promise<ChecksOutcome> {
  const outcome: ChecksOutcome = { results: [], drafts: [] };
  for (const command of checks) {
    const { result, draft, tail } = await runCommand(env, scope, command, { purpose: 'check', tree });
    outcome.results.push({ command, exitCode: result.code, timedOut: result.timedOut, tree, tail });
    outcome.drafts.push(draft);
    if (scope.signal.aborted) break;
  }
  return outcome;
}

export type { Evidence };
