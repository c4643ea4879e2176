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
  budget: null,
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

// Written out, since spreading objects into each other costs 3 µs, and a claim reads two of these.
export function readSpec(text: string): TaskSpec {
  const given = JSON.parse(text) as Partial<TaskSpec> & Pick<TaskSpec, 'title' | 'type'>;
  return {
    title: given.title,
    description: given.description ?? '',
    type: given.type,
    run: given.run ?? null,
    priority: given.priority ?? 0,
    needs: given.needs ?? [],
    locks: given.locks ?? [],
    labels: given.labels ?? {},
    capabilities: given.capabilities ?? [],
    ai: given.ai ?? null,
    onNeedFailure: given.onNeedFailure ?? 'block',
    checks: given.checks ?? [],
    maxAttempts: given.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    timeoutMs: given.timeoutMs ?? null,
    budget: given.budget ?? null,
    notBefore: given.notBefore ?? null,
    idempotencyKey: given.idempotencyKey ?? null,
    metadata: given.metadata ?? {},
  };
}
