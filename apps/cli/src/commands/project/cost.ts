import { isoTime, systemClock } from '@signalbox/kernel';
import { COST_GROUPS, type CostReport, reportCost } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseMoment } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { table } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';

export interface CostOptions extends CommonOptions {
  by: string;
  since?: string;
  until?: string;
  label?: string;
}

export async function cost(io: Io, options: CostOptions): Promise<void> {
  const by = COST_GROUPS.find((group) => group === options.by);
  if (!by) throw usage(`--by is one of ${COST_GROUPS.join(', ')}, not "${options.by}".`, 'See --help.');
  if (options.label !== undefined && by !== 'label') {
    throw usage('--label names a label, and the costs are not put together by label.', 'Add --by label.');
  }
  const time = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : isoTime(parseMoment(text, systemClock.now()));
  const [since, until] = [time(options.since), time(options.until)];
  const request = {
    by,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(options.label === undefined ? {} : { label: options.label }),
  };
  const report = await withStore(io, options, (store) => reportCost(store.tasks, request));
  print(io, options, report, (told) => describe(told, io));
}

const HEADINGS = { task: 'TASK', ai: 'AI', label: 'LABELS', day: 'DAY (UTC)' };

function describe({ by, rows, total, running }: CostReport, io: Io): string {
  const still = running === 0 ? '' : ` ${counted(running, 'attempt is', 'attempts are')} under way, not counted.`;
  if (rows.length === 0) return `No attempt has ended.${still}`;
  const cells = (key: string, row: CostReport['total'], title?: string): string[] => [
    key,
    // Nobody told: that is not the same as nothing.
    row.usd === 0 && row.untold > 0 ? '-' : dollars(row.usd),
    tokens(row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens),
    tokens(row.outputTokens),
    String(row.attempts),
    ...(title === undefined ? [] : [oneLine(title)]),
  ];
  const isTask = by === 'task';
  const lines = [
    ...rows.map(({ key, title, ...row }) => cells(key, row, isTask ? (title ?? '') : undefined)),
    cells('all', total, isTask ? '' : undefined),
  ];
  const heads = [HEADINGS[by], 'USD', 'TOKENS IN', 'OUT', 'ATTEMPTS', ...(isTask ? ['TITLE'] : [])];
  const shown = table(heads, lines, io.columns);
  const untold = `The agents of ${total.untold} of ${total.attempts} attempts did not tell what they cost.${still}`;
  const note = total.untold > 0 ? untold : still.trim();
  return note === '' ? shown : `${shown}\n\n${paintFor(io).dim(wrapText(note, io.columns, 0))}`;
}

export function dollars(usd: number): string {
  return usd === 0 || usd >= 0.01 ? usd.toFixed(2) : usd.toPrecision(2);
}

function tokens(count: number): string {
  if (count < 10_000) return String(count);
  return count < 10_000_000 ? `${Math.round(count / 1_000)}k` : `${Math.round(count / 1_000_000)}M`;
}
