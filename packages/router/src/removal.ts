import { isoTime } from '@signalbox/kernel';
import type { AIInstance } from './ai.js';
import type { Candidate, RoutingNeed } from './candidate.js';
import { placesOf } from './status.js';

/** One thing that speaks against an AI for a task. */
export interface Removal {
  kind: 'pin' | 'capability' | 'unfit' | 'status' | 'pause' | 'quota' | 'breaker' | 'concurrency';
  /** For a person; about "it", and without a full stop. */
  message: string;
  /** When it ends by itself (ISO 8601), or null. */
  until: string | null;
}

/** Everything that speaks against a candidate, what no waiting mends before the rest. */
export function removalsOf(need: RoutingNeed, candidate: Candidate): Removal[] {
  const { ai, unfit } = candidate;
  if (need.pin !== null && need.pin !== ai.id) {
    return [removal('pin', need.pinReason ?? `the task is pinned to ${need.pin}`)];
  }
  return [
    ...lackingOf(need, ai),
    ...(unfit === null ? [] : [removal('unfit', unfit)]),
    ...outOfService(ai, unfit ?? ''),
    ...outOfHealth(candidate),
    ...outOfPlaces(candidate),
  ];
}

function lackingOf({ capabilities }: RoutingNeed, ai: AIInstance): Removal[] {
  const undeclared = capabilities.filter((capability) => !ai.capabilities.includes(capability));
  const disproved = capabilities.filter(
    (capability) => ai.capabilities.includes(capability) && ai.probe?.lacks.includes(capability),
  );
  return [
    ...(undeclared.length === 0 ? [] : [removal('capability', `it lacks ${undeclared.join(', ')}`)]),
    ...(disproved.length === 0
      ? []
      : [removal('capability', `it declares ${disproved.join(', ')}, but its probe found otherwise`)]),
  ];
}

/** `told`: what is said already, and not again. */
function outOfService({ status, pauseReason, pausedUntil, probe }: AIInstance, told: string): Removal[] {
  if (status === 'paused') {
    const until = pausedUntil === undefined ? '' : ` until ${pausedUntil}`;
    return [removal('pause', `it is paused${until}${because(pauseReason)}`, pausedUntil ?? null)];
  }
  if (status !== 'offline' && status !== 'error') return [];
  const problem = probe?.problems[0]?.message;
  const why = problem !== undefined && told.includes(problem) ? '' : because(problem);
  return [removal('status', `it is ${status === 'error' ? 'in error' : 'offline'}${why}`)];
}

function outOfHealth({ health }: Candidate): Removal[] {
  if (health?.state !== 'open' || health.until === null) return [];
  const until = isoTime(health.until);
  return health.cause === 'quota'
    ? [removal('quota', `${health.reason} until ${until}`, until)]
    : [removal('breaker', `${health.reason}, so it rests until ${until}`, until)];
}

function outOfPlaces({ ai, running, health }: Candidate): Removal[] {
  if (running >= ai.maxConcurrent) return [removal('concurrency', `it runs ${running} of ${ai.maxConcurrent} already`)];
  if (health?.state !== 'half-open' || running < placesOf(ai, health)) return [];
  const message = `it runs ${running} already, and gets one at a time until one succeeds: ${health.reason}`;
  return [removal(health.cause === 'quota' ? 'quota' : 'breaker', message)];
}

function removal(kind: Removal['kind'], message: string, until: string | null = null): Removal {
  return { kind, message, until };
}

function because(text: string | undefined): string {
  const bare = text?.trim().replace(/\.$/, '') ?? '';
  return bare === '' ? '' : `: ${bare}`;
}
