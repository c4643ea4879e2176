import { DEFAULT_MAX_ATTEMPTS, type TaskSpec } from '../task.js';

/** What a field that was not asked for holds, in the order in which a task is written. */
const DEFAULTS: Omit<TaskSpec, 'title' | 'type'> = {
  description: '',
  run: null,
  priority: 0,
  needs: [],
  locks: [],
  labels: {},
  capabilities: [],
  ai: null,
  onNeedFailure: 'block',
  checks: [],
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  timeoutMs: null,
  notBefore: null,
  idempotencyKey: null,
  metadata: {},
};

/** A spec without what is as it is by default: a fifth of the text, and so of the pages that a claim has to write anew. */
export function writeSpec(spec: TaskSpec): string {
  const given: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(spec)) {
    if (!isDefault(value, DEFAULTS[field as keyof typeof DEFAULTS])) given[field] = value;
  }
  return JSON.stringify(given);
}

function isDefault(value: unknown, byDefault: unknown): boolean {
  if (value === byDefault) return true;
  if (typeof value !== 'object' || value === null || typeof byDefault !== 'object' || byDefault === null) return false;
  return (Array.isArray(value) ? value : Object.keys(value)).length === 0;
}

export function readSpec(text: string): TaskSpec {
  const given = JSON.parse(text) as Partial<TaskSpec> & Pick<TaskSpec, 'title' | 'type'>;
  // Not shared with any other task: whoever gets a task may change it.
  const fresh = { needs: [], locks: [], labels: {}, capabilities: [], checks: [], metadata: {} };
  return { ...DEFAULTS, ...fresh, ...given };
}
