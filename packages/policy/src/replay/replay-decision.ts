import { canonicalJson, type Digest } from '@signalbox/kernel';
import { decide } from '../decide.js';
import { loadPolicy } from '../load.js';
import type { PolicyDecisionRecord } from '../record.js';
import { checkRecord } from './check-record.js';
import { rebuildSources } from './rebuild.js';
import { createRecordedMachine } from './recorded-facts.js';

export type Replay =
  /** Deciding again gives the same bytes. */
  | { status: 'agrees' }
  /** `fields`: what is not the same, and each fact that was asked for and is not in the record (`fact exists /x`). */
  | { status: 'differs'; fields: string[]; again: PolicyDecisionRecord }
  /** Texts of the policy that cannot be had, one phrase each. */
  | { status: 'incomplete'; missing: string[] }
  /** Another engine decided, so that nothing follows from a comparison. */
  | { status: 'other-engine'; recorded: PolicyDecisionRecord['engine']; here: PolicyDecisionRecord['engine'] }
  /** This is no decision record. */
  | { status: 'invalid'; problems: string[] };

/**
 * Decides a recorded request again, from the texts behind the digests of its layers (`textOf`: `null` if there is none) and
 * the recorded facts alone, and compares every byte. Asks nothing of the machine. Never throws for what a record holds.
 */
export function replayDecision(record: unknown, textOf: (digest: Digest) => string | null): Replay {
  const checked = checkRecord(record);
  if (!checked.ok) return { status: 'invalid', problems: checked.problems };
  const rebuilt = rebuildSources(checked.record, textOf);
  if ('missing' in rebuilt) return { status: 'incomplete', missing: rebuilt.missing };
  try {
    return compare(checked.record, rebuilt);
  } catch {
    // Nothing here throws for JSON; what throws was none, or too deep to be read.
    return { status: 'invalid', problems: ['The record is not JSON, or it is nested too deeply.'] };
  }
}

function compare(
  record: PolicyDecisionRecord,
  { sources }: Extract<ReturnType<typeof rebuildSources>, { sources: unknown }>,
): Replay {
  const { replay, request, id } = record;
  const machine = createRecordedMachine();
  const time = Date.parse(replay.clock);
  const policy = loadPolicy(sources, { now: time, workspace: replay.workspace, path: '', ...machineOf(machine) });
  machine.use(replay.facts);
  const again = decide(policy, request as never, { id, time });
  if (canonicalJson(record.engine) !== canonicalJson(again.engine)) {
    return { status: 'other-engine', recorded: record.engine, here: again.engine };
  }
  const fields = machine.missing.map((fact) => `fact ${fact}`);
  if (canonicalJson(record) !== canonicalJson(again)) fields.unshift(...differing(record, again));
  return fields.length === 0 ? { status: 'agrees' } : { status: 'differs', fields, again };
}

function machineOf({ realPath, exists, resolveProgram }: ReturnType<typeof createRecordedMachine>) {
  return { realPath, exists, resolveProgram };
}

/** The keys whose values differ; `replay` is named by its parts. */
function differing(a: object, b: object, prefix = ''): string[] {
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((key) => {
    const [one, other] = [left.get(key), right.get(key)];
    if (one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other)) return [];
    if (key === 'replay' && one && other) return differing(one, other, 'replay.');
    return [`${prefix}${key}`];
  });
}
