import type { BlobStore, EvidenceDraft, Redactor, Trace } from '@signalbox/audit';
import { type AttemptMarker, exportedEnvironment, type RunResult } from '@signalbox/connectors';
import type { AttemptSandbox } from '../sandbox/attempt-sandbox.js';
import { workspaceVariables } from '../workspace/variables.js';
import { collectContext } from './collect-context.js';
import type { ExecutorEnv } from './env.js';

const TAIL_CHARACTERS = 2_000;
/** Bytes. A private key has some 3,000. */
const LOOKED_AT = 64 * 1024;
/** For a check or a set-up line when the task names no limit of its own. */
export const COMMAND_TIMEOUT_MS = 15 * 60_000;

export interface CommandScope {
  marker: AttemptMarker;
  task: string;
  folder: string;
  /** Without it, nothing holds what is run. */
  sandbox?: Pick<AttemptSandbox, 'forCommand'>;
  /** The TCP ports of the attempt. Default: none. */
  ports?: readonly number[];
  /** Copies of the user's own files in `folder`, which are no evidence. */
  copied?: readonly string[];
  timeoutMs: number;
  signal: AbortSignal;
  blobs: Pick<BlobStore, 'put'>;
  trace?: Pick<Trace, 'write'>;
  /** When the work was last changed, in milliseconds since the epoch, if it is known. */
  lastEditAt?: number | null;
}

export interface CommandRun {
  result: RunResult;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
  /** Ready to be recorded: the output is in the blob store, redacted. */
  draft: EvidenceDraft;
  /** The end of the output, redacted. */
  tail: string;
}

/** Runs a shell line in the attempt's folder and environment, supervised, and keeps its output as evidence. */
export async function runCommand(
  env: ExecutorEnv,
  scope: CommandScope,
  line: string,
  { purpose, tree }: { purpose: 'check' | 'setup'; tree: string | null },
): Promise<CommandRun> {
  const { clock } = env.store;
  const startedAt = clock.now();
  const processes = scope.sandbox?.forCommand(scope.folder) ?? env.processes;
  const result = await processes.run({
    argv: ['sh', '-c', line],
    cwd: scope.folder,
    environment: { ...exportedEnvironment(env.environment, []), ...variablesOf(env, scope) },
    marker: scope.marker,
    timeoutMs: scope.timeoutMs,
    signal: scope.signal,
  });
  const finishedAt = clock.now();
  const { code: exitCode, signal, timedOut, durationMs } = result;
  scope.trace?.write('command', { purpose, command: line, exitCode, timedOut, ms: Math.round(durationMs) });
  const stdout = wholeLines(result.stdout, result.dropped.stdout);
  const stderr = wholeLines(result.stderr, result.dropped.stderr);
  const lost = result.stdout.length + result.stderr.length - stdout.length - stderr.length;
  const droppedBytes = result.dropped.stdout + result.dropped.stderr + lost;
  const { createCommandCollector } = await import('@signalbox/audit/collectors');
  const outcome = { exitCode, signal, timedOut, startedAt, durationMs, stdout, stderr, droppedBytes };
  const collector = createCommandCollector({ command: { shell: line }, purpose, run: async () => outcome });
  const { task, marker, folder, blobs } = scope;
  const context = collectContext(env, { task, attempt: marker.attempt, folder, tree, blobs });
  const [draft] = await collector.collect(context);
  if (!draft) throw new Error('a command that ran is always evidence');
  return { result, startedAt, finishedAt, draft, tail: tailOf(Buffer.concat([stdout, stderr]), env.redactor) };
}

function variablesOf(env: ExecutorEnv, { ports = [], task, folder }: CommandScope): Record<string, string> {
  return workspaceVariables({ env: env.workspace.env, ports, task, workspace: folder });
}

/** The end of an output, redacted. Only so much of it is looked at as can hold what the end belongs to. */
function tailOf(output: Buffer, redactor: Redactor): string {
  const end = wholeLines(output.subarray(-LOOKED_AT), output.length - LOOKED_AT);
  const clean = redactor.bytes(end.length >= TAIL_CHARACTERS ? end : output);
  return Buffer.from(clean).toString('utf8').slice(-TAIL_CHARACTERS).trim();
}

/** Output whose start was dropped, from its next line on: it may begin with the second half of a secret. */
function wholeLines(output: Buffer, dropped: number): Buffer {
  return dropped <= 0 ? output : output.subarray(output.indexOf('\n') + 1 || output.length);
}
