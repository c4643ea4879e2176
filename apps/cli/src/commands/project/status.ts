import { readConfig, readStatus, type StatusReport } from '@signalbox/runtime';
import { describeBlock } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';

export async function status(io: Io, options: CommonOptions): Promise<void> {
  const report = await withStore(io, options, (store) =>
    readStatus(store, readConfig(store.paths).base, io.environment),
  );
  print(io, options, report, () => describe(report, io));
}

function describe(report: StatusReport, io: Io): string {
  const paint = paintFor(io);
  const counts = Object.entries(report.counts).filter(([, n]) => n > 0);
  const sections = [
    `${paint.bold(report.root)}: ${counts.length > 0 ? counts.map(([name, n]) => `${n} ${name}`).join(', ') : 'no tasks yet'}`,
  ];
  if (report.running.length > 0) {
    const rows = report.running.map((task) => [task.id, task.status, task.ai ?? task.holder, task.title]);
    sections.push(table(['RUNNING', 'STATUS', 'BY', 'TITLE'], rows, io.columns));
  }
  if (report.blocked.length > 0) {
    const rows = report.blocked.map((task) => [task.id, task.blockedBy.map(describeBlock).join('; ')]);
    sections.push(table(['BLOCKED', 'BECAUSE'], rows, io.columns));
  }
  if (report.ais.length > 0) {
    const rows = report.ais.map((ai) => [ai.id, ai.connector, ai.status, `${ai.running}/${ai.maxConcurrent}`]);
    sections.push(table(['AI', 'CONNECTOR', 'STATUS', 'RUNNING'], rows, io.columns));
  }
  if (report.unlanded && report.unlanded.commits > 0) {
    const { base, commits } = report.unlanded;
    sections.push(
      `${commits} finished ${commits === 1 ? 'change waits' : 'changes wait'} for ${base}: run \`signalbox land\`.`,
    );
  }
  sections.push(paint.dim(`${report.ledgerEntries} ledger entries`));
  return sections.join('\n\n');
}
