import type { Execution } from '@signalbox/runtime';
import type { Evidence } from '@signalbox/runtime/project';
import { describeBlock } from '@signalbox/runtime/project';
import type { Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { oneLine } from '../../terminal/safe-text.js';
import { shortDigest } from '../../terminal/short-digest.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { paintStatus } from './describe.js';

/** What one execution did, in a short paragraph: the outcome, the reasons, the proof. */
export function describeExecution({ task, attempt, evidence, verdict }: Execution, io: Io): string {
  const paint = paintFor(io);
  const took = `${(attempt.durationMs / 1000).toFixed(1)} s`;
  const lines = [
    `${paint.bold(task.id)}  ${paintStatus(task, paint)}  ${task.title}`,
    `  attempt ${attempt.number} by ${attempt.ai}, ${took}, ${attempt.outcome}`,
  ];
  for (const block of task.blockedBy) lines.push(`  waits: ${describeBlock(block)}`);
  const told = lines.join('\n');
  const reasons = [attempt.failure?.message, ...(verdict?.reasons ?? []).map((reason) => reason.message)];
  for (const first of new Set(reasons.map((reason) => reason?.split('\n')[0] ?? ''))) {
    if (!told.includes(first)) lines.push(`  ${paint.bad(first)}`);
  }
  for (const item of evidence) lines.push(`  ${paint.dim(item.kind.padEnd(8))} ${describeEvidence(item)}`);
  if (task.status === 'queued') {
    lines.push(
      '  It is queued again; the next attempt is told what failed.',
      `  See signalbox evidence show ${task.id}`,
    );
  }
  return lines.map((line) => wrapText(oneLine(line), io.columns, 4)).join('\n');
}

/** One piece of evidence, in a line. */
export function describeEvidence({ kind, grade, summary, digest }: Evidence): string {
  const short = shortDigest(digest);
  switch (kind) {
    case 'diff':
      return `${String(summary['files'])} ${summary['files'] === 1 ? 'file' : 'files'} changed (${grade}, ${short})`;
    case 'command':
      return `${String(summary['command'] ?? 'not run')} → exit ${String(summary['exitCode'] ?? '-')} (${grade}, ${short})`;
    case 'usage':
      return `${Object.entries(summary)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ')} (${grade})`;
    default:
      return `${grade}, ${short}`;
  }
}
