import type { PolicyDecisionRecord } from '@signalbox/runtime';
import type { Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';

/** The whole derivation of a decision, not yet wrapped. */
export function describeDecision(record: PolicyDecisionRecord, io: Io): string {
  const paint = paintFor(io);
  const shade = { allow: paint.good, ask: paint.warn, deny: paint.bad }[record.decision];
  const lines = [`${shade(record.decision)} (${record.reasonCode}): ${record.reason}`];
  for (const match of record.matched) {
    const mark = record.determining.includes(match.rule) ? '→' : ' ';
    const audit = match.applied ? '' : ' (audit: recorded only)';
    lines.push(`${mark} ${match.effect.padEnd(5)} ${match.rule}${audit}  ${paint.dim(match.at)}`);
  }
  for (const { rule, effect, at, by, reason } of record.exceptionsUsed) {
    const who = [by, reason].filter((part) => part !== undefined).join(': ');
    lines.push(`  exception: ${rule} says ${effect}${who ? ` (${who})` : ''}  ${paint.dim(at)}`);
  }
  for (const { kind, want, rule, state } of record.obligations) {
    lines.push(`  obliges to ${kind} ${want}: ${state === 'unmet' ? paint.bad(state) : state} (${rule})`);
  }
  for (const { rule, message, at } of record.errors)
    lines.push(`  ${paint.bad('error')} in ${rule}: ${message} ${paint.dim(at)}`);
  const { commands, unresolved } = record.normalised;
  if (commands.length > 0) lines.push('judged as:', ...commands.map(({ argv }) => `  ${argv.join(' ')}`));
  if (unresolved.length > 0) lines.push(`cannot be allowed without asking: ${unresolved.join('; ')}`);
  return lines.join('\n');
}
