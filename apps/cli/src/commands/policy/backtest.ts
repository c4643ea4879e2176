import { systemClock } from '@signalbox/kernel';
import { backtestPolicy } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseMoment } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { clip } from '../../terminal/table.js';
import { readNamedFile } from './policy-files.js';

const SHOWN = 40;

export async function backtest(
  io: Io,
  file: string,
  options: CommonOptions & { since: string; ai?: string },
): Promise<void> {
  const { scope, path, text, error } = await readNamedFile(io, file);
  if (text === null) throw usage(`${path} cannot be read: ${error}`, 'Name the policy file to try.');
  if (scope === 'ai' && options.ai === undefined) {
    throw usage('A file of scope ai is about one AI.', 'Name it with --ai.');
  }
  const since = parseMoment(options.since, systemClock.now());
  const candidate = { scope, path, text };
  const report = await withStore(io, options, async (store) =>
    backtestPolicy(store, { candidate, ai: options.ai ?? null, since }),
  );
  print(io, options, report, ({ judged, same, changed, unknown }) => {
    const paint = paintFor(io);
    const shade = { allow: paint.good, ask: paint.warn, deny: paint.bad };
    const lines = [`${judged} decisions: ${same} the same, ${changed.length} changed, ${unknown.length} not known.`];
    for (const each of changed.slice(0, SHOWN)) {
      const head = `${each.from.padEnd(5)} → ${each.to.padEnd(5)}  `;
      const about = clip(`${each.what}  ${each.determining.join(', ')}`, Math.max(20, io.columns - head.length));
      lines.push(`${shade[each.from](each.from.padEnd(5))} → ${shade[each.to](each.to.padEnd(5))}  ${about}`);
    }
    if (changed.length > SHOWN) lines.push(`… and ${changed.length - SHOWN} more; all of them with --json.`);
    for (const { id, why } of unknown.slice(0, 5)) lines.push(paint.dim(clip(`${id}: ${why}`, io.columns)));
    return lines.join('\n');
  });
}
