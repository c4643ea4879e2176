import { ConnectorError } from '../errors.js';
import { AI_VARIABLE, ATTEMPT_VARIABLE } from './marker-names.js';
import { type ProcessTable, systemProcessTable } from './process-table.js';
import type { AttemptMarker } from './types.js';

// Deep enough for any shell nesting; a bound, since parents read one after another need not form a tree.
const MAX_ANCESTORS = 64;
const MARKER = /^[\w.:-]{1,200}$/;

/** The environment of a child, marked. Throws `INVALID_MARKER`, since the marker travels in lines and in `ps` output. */
export function markedEnvironment(
  environment: Readonly<Record<string, string>>,
  marker: AttemptMarker,
): Record<string, string> {
  for (const value of [marker.attempt, marker.ai]) {
    if (MARKER.test(value)) continue;
    throw new ConnectorError({
      code: 'INVALID_MARKER',
      message: `${JSON.stringify(value)} cannot mark a process.`,
      hint: 'Use an id of letters, digits, "_", "-", "." and ":".',
    });
  }
  return { ...environment, [ATTEMPT_VARIABLE]: marker.attempt, [AI_VARIABLE]: marker.ai };
}

/**
 * Whose process this is: the marker of the outermost process that has one among `pid` and its ancestors, by the environment
 * that each was started with; only when none has, the one in `environment`. An agent can set or unset a variable for its
 * child, but not for itself or for what started it. Null for a process of no agent. An agent that cuts the line of ancestors
 * (a double fork) and unsets the variable is not recognised.
 */
export function agentMarker(
  environment: NodeJS.ProcessEnv,
  pid: number = process.pid,
  table: ProcessTable = systemProcessTable(),
): AttemptMarker | null {
  const own = environment[ATTEMPT_VARIABLE];
  let outermost: AttemptMarker | null = own ? { attempt: own, ai: environment[AI_VARIABLE] ?? '' } : null;
  let current = pid;
  for (let depth = 0; depth < MAX_ANCESTORS && current > 1; depth++) {
    const attempt = table.variable(current, ATTEMPT_VARIABLE);
    if (attempt) outermost = { attempt, ai: table.variable(current, AI_VARIABLE) ?? '' };
    const parent = table.stat(current)?.parent;
    if (parent === undefined) break;
    current = parent;
  }
  return outermost;
}
