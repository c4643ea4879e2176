import { systemClock } from '@signalbox/kernel';
import { addOverride, requireAIId, revokeOverride } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parsePairs, parseTime } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export interface AddOptions extends CommonOptions {
  effect: string;
  reason: string;
  ai?: string;
  task?: string;
  label?: string;
  expires: string;
}

export async function add(io: Io, rule: string, options: AddOptions): Promise<void> {
  const { effect, reason, ai = null, label = null, expires } = options;
  if (effect !== 'allow' && effect !== 'ask') {
    throw usage(`--effect is allow or ask, not "${effect}".`, 'What denies can be written into .ai/policy.yaml.');
  }
  if (!/^(?:global|project|ai)\/[a-z0-9][a-z0-9._-]{0,63}$/.test(rule)) {
    throw usage(
      `"${rule}" is not the full id of a rule.`,
      'Write it as project/ask-git-remote; `signalbox policy show` lists them.',
    );
  }
  if (ai !== null) requireAIId(ai);
  if (reason.trim() === '') throw usage('--reason is empty.', 'Say why: every use of the override names it.');
  if (label !== null) parsePairs([label], '--label');
  const expiresAt = expires === 'never' ? null : Date.parse(parseTime(expires, systemClock.now()));
  if (expiresAt !== null && expiresAt <= systemClock.now()) {
    throw usage(`--expires ${expires} is over already.`, 'Name a time to come, or a duration such as 2h.');
  }
  const override = await withSignalbox(io, options, async (box) => {
    const task = options.task === undefined ? null : await box.tasks.resolve(options.task);
    return addOverride(box, { rule, effect, ai, task, label, reason, expiresAt });
  });
  print(io, options, { override }, ({ override: told }) => {
    const until = told.expiresAt === null ? 'until it is revoked' : `until ${told.expiresAt}`;
    const text = `${told.id}: ${told.rule} says ${told.effect}${scopeOf(told)}, ${until}.\nEvery use of it is named in the decision.`;
    return wrapText(text, io.columns, 2);
  });
}

export async function list(io: Io, options: CommonOptions & { all?: boolean }): Promise<void> {
  const overrides = await withStore(io, options, ({ records }) =>
    records.overrides.list({ all: options.all === true }),
  );
  print(io, options, { overrides }, (told) => {
    if (told.overrides.length === 0) return 'No override is in force.';
    const rows = told.overrides.map((each) => [
      each.id,
      each.rule,
      `${each.effect}${scopeOf(each)}`,
      each.revoked ? 'revoked' : (each.expiresAt?.slice(0, 16).replace('T', ' ') ?? 'it is revoked'),
      each.by,
      each.reason,
    ]);
    return table(['ID', 'RULE', 'SAYS', 'UNTIL (UTC)', 'BY', 'REASON'], rows, io.columns);
  });
}

export async function revoke(io: Io, id: string, options: CommonOptions): Promise<void> {
  const override = await withSignalbox(io, options, async (box) =>
    revokeOverride(box, await box.store.records.overrides.resolve(id)),
  );
  print(
    io,
    options,
    { override },
    ({ override: told }) => `Revoked ${told.id}: ${told.rule} counts again as it is written.`,
  );
}

function scopeOf({ ai, task, label }: { ai: string | null; task: string | null; label: string | null }): string {
  const parts = [ai && `to ${ai}`, task && `for ${task}`, label && `for ${label}`].filter((part) => part);
  return parts.length > 0 ? ` ${parts.join(' ')}` : '';
}
