import { type ShownPolicy, showPolicy, wholePolicyInForce } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function show(io: Io, options: CommonOptions & { ai?: string }): Promise<void> {
  const shown = await withStore(io, options, async (store) => {
    const policy = wholePolicyInForce(store, io.environment['PATH'] ?? '', options.ai);
    const ai = options.ai === undefined ? {} : { ai: options.ai };
    return showPolicy(policy, { ...ai, now: store.clock.now() });
  });
  print(io, options, shown, (told) => wrapText(describe(told, io), io.columns, 6));
}

function describe(shown: ShownPolicy, io: Io): string {
  const paint = paintFor(io);
  const shade = { allow: paint.good, ask: paint.warn, deny: paint.bad };
  const lines: string[] = [];
  if (!shown.valid) lines.push(paint.bad('A policy file is not valid, so everything is denied:'));
  for (const { file, line, column, message } of shown.problems) lines.push(`  ${file}:${line}:${column} ${message}`);
  lines.push(paint.bold('Files'));
  for (const { path, state, rules } of shown.layers) {
    lines.push(`  ${path}: ${state}${rules > 0 ? `, ${counted(rules, 'rule')}` : ''}`);
  }
  const { value, from, overruled } = shown.default;
  const others = overruled.map((each) => `${each.from} says ${each.value}`).join(', ');
  lines.push(paint.bold('Default'), `  ${shade[value](value)} from ${from}${others ? `; ${others}` : ''}`);
  if (shown.settings.length > 0) lines.push(paint.bold('Settings'));
  for (const setting of shown.settings) {
    lines.push(`  ${setting.name}: ${setting.value} from ${setting.from}`);
    for (const each of setting.overruled)
      lines.push(`    ${each.value} from ${each.from} does not count: ${each.why} by ${each.by}`);
  }
  lines.push(paint.bold('Rules'));
  for (const rule of shown.rules) lines.push(...describeRule(rule, shade[rule.effect](rule.effect.padEnd(5)), io));
  for (const [title, exceptions] of [
    ['Exceptions', shown.exceptions],
    ['Overrides', shown.overrides],
  ] as const) {
    if (exceptions.length > 0) lines.push(paint.bold(title));
    for (const { rule, effect, by, reason, expiresAt, inEffect, why, at } of exceptions) {
      const until = expiresAt === null ? '' : ` until ${expiresAt}`;
      const who = [by, reason].filter((part) => part !== null).join(': ');
      lines.push(`  ${rule} says ${effect}${until}${who ? ` (${who})` : ''}  ${paint.dim(at)}`);
      if (!inEffect) lines.push(`    ${paint.warn('no effect')}: ${why}`);
    }
  }
  for (const warning of shown.warnings) lines.push(`${paint.warn('warning')} ${warning}`);
  return lines.join('\n');
}

function describeRule(rule: ShownPolicy['rules'][number], effect: string, io: Io): string[] {
  const paint = paintFor(io);
  const marks = [
    rule.mode === 'audit' ? 'audit' : '',
    rule.enforce === 'best-effort' ? 'best-effort' : '',
    rule.trusted ? '' : 'untrusted',
    rule.expired ? 'expired' : rule.expiresAt === null ? '' : `until ${rule.expiresAt}`,
    rule.overridableBy.length > 0 ? `overridable by ${rule.overridableBy.join(', ')}` : '',
    ...rule.obligations.map(({ kind, want }) => `obliges to ${kind} ${want}`),
  ].filter((mark) => mark !== '');
  const head = `  ${effect} ${rule.id} on ${rule.on.join(', ')}${marks.length > 0 ? ` (${marks.join('; ')})` : ''}`;
  const lines = [`${head}  ${paint.dim(rule.at)}`];
  if (rule.command) {
    const words = rule.command.map((token) => (typeof token === 'string' ? token : `(${token.join('|')})`));
    lines.push(paint.dim(`      command ${words.join(' ')}`));
  }
  if (rule.when !== null) lines.push(paint.dim(`      when ${rule.when}`));
  if (rule.unless !== null) lines.push(paint.dim(`      unless ${rule.unless}`));
  return lines;
}
