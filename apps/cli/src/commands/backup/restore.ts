import { systemClock } from '@signalbox/kernel';
import { planRestore, type RestorePlan, type RestoreResult, restoreProject } from '@signalbox/runtime';
import { findProject } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { agree } from '../../terminal/agree.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { requireFolder } from './verify.js';

export async function restore(io: Io, name: string, options: CommonOptions & { yes?: boolean }): Promise<void> {
  const folder = requireFolder(io, name);
  const env = { paths: findProject(io, options), clock: systemClock, environment: io.environment };
  const plan = await planRestore(env, folder);
  if (options.yes !== true) {
    const question = { about: describePlan(plan), question: 'Restore it?', look: 'signalbox backup verify' };
    await agree(io, question);
  }
  const result = await restoreProject(env, plan);
  print(io, options, result, (told) => wrapText(describe(told, plan.keys.from), io.columns, 2));
}

function describePlan({ folder, manifest, anchor, keys }: RestorePlan): string {
  const lines = [
    `${folder} was made at ${manifest.createdAt} and holds ${counted(manifest.ledger.size, 'entry', 'entries')}.`,
  ];
  if (anchor) {
    lines.push(
      `The anchor in git knows ${counted(anchor.size, 'entry', 'entries')} of ${anchor.origin}: what came after the backup will count no longer.`,
    );
  }
  if (keys.from === 'backup') lines.push('The keys in it take the place of those that are here.');
  lines.push('The present state is kept beside it. Tasks that were held when it was made are queued again.');
  return lines.join('\n');
}

function describe(
  { folder, createdAt, entries, kept, requeued, replaced, anchored }: RestoreResult,
  keys: RestorePlan['keys']['from'],
): string {
  const lines = [`Restored ${folder} of ${createdAt}, ${counted(entries, 'entry', 'entries')}.`];
  if (keys === 'backup')
    lines.push('The log goes on with the keys of the backup: add their public half to .ai/ledger.pub.');
  if (kept !== null) lines.push(`The state before is kept at ${kept}.`);
  if (requeued.length > 0) lines.push(`Queued again: ${requeued.join(', ')}.`);
  if (replaced) {
    lines.push(
      `The anchor over ${counted(replaced.size, 'entry', 'entries')} was replaced; it is kept under refs/signalbox/replaced.`,
    );
  }
  lines.push(anchored ? 'The restored log is anchored in git.' : 'Outside of git there is no anchor.');
  lines.push('Work that was landed since is not known to it: if it says INTEGRATION_MOVED, run `signalbox trust`.');
  return lines.join('\n');
}
