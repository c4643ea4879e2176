import type { Execution } from '@signalbox/runtime';
import type { Evidence } from '@signalbox/runtime/project';
import { describeBlock } from '@signalbox/runtime/project';
import type { Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
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
      return `${counted(Number(summary['files']), 'file')} changed (${grade}, ${short})`;
    case 'command':
      return `${String(summary['command'] ?? 'not run')} → exit ${String(summary['exitCode'] ?? '-')} (${grade}, ${short})`;
    case 'test-report':
      return `${describeFigures(summary)} (${grade}, ${short})`;
    case 'usage':
      return `${Object.entries(summary)
        .map(([key, value]) => `${key} ${String(value)}`)
        .join(', ')} (${grade})`;
    default:
      return `${grade}, ${short}`;
  }
}

function describeFigures({ total, failed, skipped, path, format }: Evidence['summary']): string {
  const where = typeof path === 'string' ? path : `${String(format)} on standard output`;
  if (typeof total !== 'number') return where;
  const more = [failed ? `${String(failed)} failed` : '', skipped ? `${String(skipped)} skipped` : ''].filter(Boolean);
  return `${where}: ${[counted(total, 'test'), ...more].join(', ')}`;
}

/** Why a piece of evidence does not count for more than somebody's word, a line each. */
export function describeDoubts({ summary }: Evidence): string[] {
  const doubts = (Array.isArray(summary['doubts']) ? summary['doubts'] : []) as { code: string; message: string }[];
  const lines = doubts.map(({ code, message }) => `${code}: ${message}`);
  if (summary['redacted'] === true) lines.push('Something that looks like a secret was taken out of it.');
  if (summary['applicable'] === false) lines.push('It cannot be applied as a patch.');
  return lines;
}
