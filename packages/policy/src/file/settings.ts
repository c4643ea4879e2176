import { suggestName } from '@signalbox/rules';
import type { PolicyDocument } from './document.js';
import { isSandboxMode, SANDBOX_MODES } from './obligation.js';
import type { PolicyFile } from './schema.js';

export interface Setting {
  readonly value: string | number;
  /** No lower layer may change it. */
  readonly locked: boolean;
  /** The smallest value of this and all lower layers holds. */
  readonly cap: boolean;
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

// What each setting accepts; `null` means that the value is fine.
const KNOWN: Record<string, (value: string | number) => string | null> = {
  sandbox: (value) => (isSandboxMode(value) ? null : `one of ${SANDBOX_MODES.join(', ')}`),
  approval_wait: (value) => (durationMs(value) === null ? 'a duration such as 30s, 10m or 2h' : null),
  approval_expiry: (value) => (durationMs(value) ? null : 'a duration such as 30m, 24h or 7d'),
  max_concurrent: (value) => (Number.isInteger(value) && Number(value) >= 1 ? null : 'a whole number from 1'),
};

/** What a setting is measured by: itself, or milliseconds for a duration; `null` if it has no order. */
export function magnitude(value: string | number): number | null {
  return typeof value === 'number' ? value : durationMs(value);
}

export function compileSettings(document: PolicyDocument, entries: PolicyFile['settings']): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const [name, entry] of Object.entries(entries)) {
    const accepts = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
    if (!accepts) {
      const near = suggestName(name, Object.keys(KNOWN));
      const advice = near ? `Did you mean "${near}"?` : `Known: ${Object.keys(KNOWN).join(', ')}.`;
      document.report('POLICY_SCHEMA', ['settings'], `There is no setting "${name}". ${advice}`, { key: name });
      continue;
    }
    const wanted = accepts(entry.value);
    if (wanted) document.report('POLICY_SCHEMA', ['settings', name, 'value'], `"${name}" is ${wanted}.`);
    else if (entry.cap && magnitude(entry.value) === null) {
      const message = `"${name}" has no smallest value, so it cannot be capped; lock it instead.`;
      document.report('POLICY_SCHEMA', ['settings', name, 'cap'], message);
    }
    settings.set(name, { value: entry.value, locked: entry.locked, cap: entry.cap === 'min' });
  }
  return settings;
}

/** Reads a duration such as `10m` as milliseconds; `null` if it is none. */
export function durationMs(value: string | number): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(String(value));
  return match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : null;
}
