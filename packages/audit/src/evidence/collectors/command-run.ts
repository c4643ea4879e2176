import { isoTime } from '@signalbox/kernel';
import { type EvidenceOrigin, gradeOf } from '../assess-report.js';
import { draftEvidence, type EvidenceCollector } from '../collector.js';

export type CommandLine = { argv: readonly string[] } | { shell: string };

/** How a command ended. */
export interface CommandOutcome {
  /** `null` if a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  timedOut: boolean;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** Bytes of output that the runner did not keep. */
  droppedBytes: number;
}

export interface CommandCollectorOptions {
  command: CommandLine;
  /** Why it ran: `check`, `setup`, or a word of the caller's. */
  purpose: string;
  /**
   * Runs the command in `folder` and ends everything that it started when `signal` aborts. This package starts no commands of
   * its own: supervision is the caller's.
   */
  run(folder: string, signal: AbortSignal): Promise<CommandOutcome>;
  /** Default: `own-run`. `agent` for what an agent ran, `watched` for what it ran through us. */
  origin?: EvidenceOrigin;
  /** Bytes of the output that are kept: the first and the last half. Default: 4 MiB. */
  maxBytes?: number;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** Runs a command and keeps its output: standard output, then standard error, redacted. */
export function createCommandCollector(options: CommandCollectorOptions): EvidenceCollector {
  const { command, purpose, run, origin = 'own-run', maxBytes = MAX_BYTES } = options;
  const self = { id: 'signalbox/command', kind: 'command' };
  return {
    ...self,
    async collect(context) {
      const outcome = await run(context.folder, context.signal);
      context.signal.throwIfAborted();
      // Redacted before it is cut, or a secret at the cut would be half of one.
      const output = context.redactor.bytes(Buffer.concat([outcome.stdout, outcome.stderr]));
      const kept = keepEnds(output, maxBytes);
      const summary = {
        purpose,
        command: 'shell' in command ? command.shell : [...command.argv],
        exitCode: outcome.exitCode,
        signal: outcome.signal,
        timedOut: outcome.timedOut,
        startedAt: isoTime(outcome.startedAt),
        durationMs: Math.round(outcome.durationMs),
        stdoutBytes: outcome.stdout.length,
        stderrBytes: outcome.stderr.length,
        droppedBytes: outcome.droppedBytes + output.length - kept.length,
      };
      return [
        await draftEvidence(self, context, { content: kept, grade: gradeOf(origin), tree: context.tree, summary }),
      ];
    },
  };
}

function keepEnds(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  const half = Math.floor(maxBytes / 2);
  return Buffer.concat([bytes.subarray(0, half), bytes.subarray(bytes.length - half)]);
}
