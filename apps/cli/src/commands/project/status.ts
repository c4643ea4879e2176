import { readConfig, readStatus, type StatusReport } from '@signalbox/runtime';
import { describeBlock } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { table } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { dollars } from './cost.js';

export async function status(io: Io, options: CommonOptions): Promise<void> {
  const report = await withStore(io, options, (store) => {
    const { base, budgets } = readConfig(store.paths);
    return readStatus(store, base, io.environment, budgets);
  });
  print(io, options, report, (told) => describe(told, io));
}

function describe(report: StatusReport, io: Io): string {
  const paint = paintFor(io);
  const counts = Object.entries(report.counts).filter(([, n]) => n > 0);
  const sections = [
    `${paint.bold(report.root)}: ${counts.length > 0 ? counts.map(([name, n]) => `${n} ${name}`).join(', ') : 'no tasks yet'}`,
  ];
  if (report.policyProblems.length > 0) {
    const faults = report.policyProblems.map(describeFault).join('\n');
    sections.push(paint.bad(wrapText(faults, io.columns, 2)));
  }
  if (report.running.length > 0) {
    const rows = report.running.map((task) => [task.id, task.status, task.ai ?? task.holder, task.title]);
    sections.push(table(['RUNNING', 'STATUS', 'BY', 'TITLE'], rows, io.columns));
  }
  if (report.blocked.length > 0) {
    sections.push(describeBlocked(report.blocked, io));
  }
  if (report.unroutable.length > 0) sections.push(describeUnroutable(report.unroutable, io));
  if (report.approvals.length > 0) {
    const rows = report.approvals.map(({ id, requester, what }) => [id, requester, what]);
    sections.push(table(['TO BE ANSWERED', 'WHO', 'WANTS TO'], rows, io.columns));
  }
  if (report.ais.length > 0) {
    const rows = report.ais.map((ai) => [ai.id, ai.connector, ai.status, `${ai.running}/${ai.maxConcurrent}`]);
    sections.push(table(['AI', 'CONNECTOR', 'STATUS', 'RUNNING'], rows, io.columns));
  }
  if (report.unlanded && report.unlanded.commits > 0) {
    const { base, commits } = report.unlanded;
    const what = `${commits} finished ${commits === 1 ? 'change waits' : 'changes wait'}`;
    sections.push(wrapText(`${what} for ${base}: run \`signalbox land\`.`, io.columns, 2));
  }
  sections.push(
    paint.dim(
      wrapText(
        `${describeToday(report.today)} ${counted(report.ledgerEntries, 'ledger entry', 'ledger entries')}.`,
        io.columns,
        2,
      ),
    ),
  );
  return sections.join('\n\n');
}

function describeToday({ attempts, usd, untold }: StatusReport['today']): string {
  if (attempts === 0) return 'No attempt has ended today.';
  const what = `${counted(attempts, 'attempt has', 'attempts have')} ended today (UTC), for ${dollars(usd)} USD`;
  return untold === 0 ? `${what}.` : `${what}; ${untold} did not tell their cost.`;
}

/** Whole sentences: what a person has to do about it is at their end. */
function describeBlocked(blocked: StatusReport['blocked'], io: Io): string {
  const width = Math.max('BLOCKED'.length, ...blocked.map(({ id }) => id.length)) + 2;
  const rows = blocked.map(({ id, blockedBy }) => {
    const because = oneLine(blockedBy.map(describeBlock).join('; '));
    return wrapText(`${id.padEnd(width)}${because}`, io.columns, width);
  });
  return [`${'BLOCKED'.padEnd(width)}BECAUSE`, ...rows].join('\n');
}

function describeFault({ file, line, column, message }: StatusReport['policyProblems'][number]): string {
  const what = file.startsWith('.ai/policy/') ? 'all that this AI wants to do' : 'everything';
  return oneLine(
    `The policy file is not valid, so ${what} is denied (${file}:${line}:${column}): ${message} See \`signalbox policy validate\`.`,
  );
}

/** How many ids are named with a reason. */
const NAMED = 3;

function describeUnroutable(unroutable: StatusReport['unroutable'], io: Io): string {
  const counts = unroutable.map(({ tasks }) => counted(tasks.length, 'task'));
  const width = Math.max('QUEUED'.length, ...counts.map((count) => count.length)) + 2;
  const rows = unroutable.map(({ reason, tasks }, index) => {
    const named = [...tasks.slice(0, NAMED), ...(tasks.length > NAMED ? ['…'] : [])].join(', ');
    return wrapText(`${counts[index]?.padEnd(width)}${oneLine(reason)} (${named})`, io.columns, width);
  });
  return [`${'QUEUED'.padEnd(width)}BUT NO AI CAN TAKE IT, BECAUSE`, ...rows].join('\n');
}
