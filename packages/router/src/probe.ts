import { isoTime } from '@signalbox/kernel';

export interface ProbeProblem {
  message: string;
  hint: string;
}

/** What a probe of an AI found out, as the registry takes it. */
export interface ProbeFindings {
  /** When it was probed, in milliseconds since the epoch. */
  at: number;
  /** Whether it could be given work as it is. */
  ok: boolean;
  /** The agent's version; null if there is no agent, or it does not tell. */
  version: string | null;
  /** What it was found to be able to do. */
  capabilities: readonly string[];
  /** What was looked for and not found: an AI that declares it is not believed. Default none. */
  lacks?: readonly string[];
  problems: readonly ProbeProblem[];
}

/** What the registry tells of the last probe. */
export interface AIProbe {
  /** ISO 8601. */
  at: string;
  ok: boolean;
  version: string | null;
  capabilities: string[];
  lacks: string[];
  problems: ProbeProblem[];
}

export function toProbe(findings: ProbeFindings): AIProbe {
  return {
    at: isoTime(findings.at),
    ok: findings.ok,
    version: findings.version,
    capabilities: [...new Set(findings.capabilities)].sort(),
    lacks: [...new Set(findings.lacks ?? [])].sort(),
    problems: findings.problems.map(({ message, hint }) => ({ message, hint })),
  };
}

/** What a probe alone says of the status: an agent that does not even tell its version is taken to be away. */
export function probedStatus(probe: AIProbe | null): 'online' | 'offline' | 'error' {
  if (probe === null || probe.ok) return 'online';
  return probe.version === null ? 'offline' : 'error';
}
