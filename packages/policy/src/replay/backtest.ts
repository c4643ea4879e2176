import { type Digest, sha256 } from '@signalbox/kernel';
import { decide } from '../decide.js';
import type { Effect } from '../effect.js';
import type { LayerSource } from '../file/layer.js';
import type { MachineFacts } from '../judge/facts.js';
import type { Policy } from '../load.js';
import type { PolicyDecisionRecord } from '../record.js';
import type { PolicyRequest } from '../request.js';
import { checkRecord } from './check-record.js';
import { createRecordedMachine, type RecordedMachine } from './recorded-facts.js';

/**
 * Loads the policy to be tried for a workspace and an AI (`null`: no AI). It has to take `facts` for those of the machine,
 * and `overrides`, the layer of overrides that a record was decided under (`null`: there were none), for those of now. It is
 * called once for each workspace, AI and list of overrides.
 */
export type CandidatePolicy = (
  workspace: string,
  ai: string | null,
  facts: MachineFacts,
  overrides: LayerSource | null,
) => Policy;

export interface ChangedDecision {
  id: string;
  time: string;
  from: Effect;
  to: Effect;
  action: string;
  /** What it was about: the command, the path, the host, … */
  what: string;
  /** Full ids of the rules of the candidate that the new decision rests on. */
  determining: string[];
}

export interface Backtest {
  /** How many records there were. */
  judged: number;
  same: number;
  changed: ChangedDecision[];
  /** Records about which nothing can be said: they lack an input that the candidate asks for, or are no records. */
  unknown: { id: string; why: string }[];
}

/**
 * Judges recorded requests by another policy, each at its own time, with its own facts and under the overrides of then, whose
 * text `textOf` gives by its digest (`null` if there is none). A request is taken as it was stored, so a secret that was
 * redacted is judged as redacted. Never throws for what a record holds.
 */
export function backtest(
  records: Iterable<unknown>,
  candidate: CandidatePolicy,
  textOf: (digest: Digest) => string | null = () => null,
): Backtest {
  const machine = createRecordedMachine();
  const policies = new Map<string, Policy | null>();
  const policyFor: PolicyFor = (workspace, ai, layer) => {
    const key = JSON.stringify([workspace, ai, layer]);
    const known = policies.get(key);
    if (known !== undefined) return known;
    const overrides = layer && overridesOf(layer, textOf);
    const policy = layer && !overrides ? null : candidate(workspace, ai, machine, overrides);
    policies.set(key, policy);
    return policy;
  };
  const result: Backtest = { judged: 0, same: 0, changed: [], unknown: [] };
  for (const record of records) {
    result.judged++;
    const verdict = judgeAgain(record, policyFor, machine);
    if (verdict === 'same') result.same++;
    else if ('why' in verdict) result.unknown.push(verdict);
    else result.changed.push(verdict);
  }
  return result;
}

type OverrideLayer = Pick<PolicyDecisionRecord['layers'][number], 'path' | 'digest'>;
/** `null`: the overrides of then cannot be had. */
type PolicyFor = (workspace: string, ai: string | null, overrides: OverrideLayer | null) => Policy | null;

function overrideLayerOf({ layers }: PolicyDecisionRecord): OverrideLayer | null {
  const layer = layers.find(({ scope }) => scope === 'override');
  return layer ? { path: layer.path, digest: layer.digest } : null;
}

function overridesOf({ path, digest }: OverrideLayer, textOf: (digest: Digest) => string | null): LayerSource | null {
  const text = digest === null ? null : textOf(digest);
  return text === null || sha256(text) !== digest ? null : { scope: 'override', path, text, trusted: true };
}

function judgeAgain(
  value: unknown,
  policyFor: PolicyFor,
  machine: RecordedMachine,
): 'same' | ChangedDecision | Backtest['unknown'][number] {
  const checked = checkRecord(value);
  if (!checked.ok) return { id: idOf(value), why: `This is no decision record: ${checked.problems[0]}` };
  const { record, request } = checked;
  const { clock, workspace, facts } = record.replay;
  const ai = request.subject.kind === 'ai' ? request.subject.id : null;
  const policy = policyFor(workspace, ai, overrideLayerOf(record));
  if (policy === null) return { id: record.id, why: 'The overrides that it was decided under are not kept.' };
  machine.use(facts);
  let again: PolicyDecisionRecord;
  try {
    again = decide(policy, request, { id: record.id, time: Date.parse(clock) });
  } catch {
    return { id: record.id, why: 'The request is not JSON, or it is nested too deeply.' };
  }
  const lacking = whatIsLacking(record, again, machine);
  if (lacking !== null) return { id: record.id, why: lacking };
  if (again.decision === record.decision) return 'same';
  return {
    id: record.id,
    time: record.time,
    from: record.decision,
    to: again.decision,
    action: request.action.name,
    what: whatOf(request),
    determining: again.determining,
  };
}

/** Why the new decision would be a guess; `null` if it is none. */
function whatIsLacking(
  record: PolicyDecisionRecord,
  again: PolicyDecisionRecord,
  machine: RecordedMachine,
): string | null {
  const [fact] = machine.missing;
  if (fact !== undefined) return `A fact that the candidate asks for was not recorded: ${fact}.`;
  // What was an error then as well is part of what was judged.
  const known = record.errors.map(({ message }) => message);
  const error = again.errors.find(({ message }) => !known.includes(message));
  return error ? `A condition of ${error.rule} needs what was not recorded: ${error.message}` : null;
}

function whatOf({ action, resource }: PolicyRequest): string {
  const { command, argv, server, tool } = action;
  if (command !== undefined) return command;
  if (argv !== undefined) return argv.join(' ');
  if (tool !== undefined) return server === undefined ? tool : `${server}/${tool}`;
  const named = ['path', 'host', 'id', 'title'].map((key) => resource[key]).find((value) => typeof value === 'string');
  return typeof named === 'string' ? named : action.name;
}

function idOf(value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return typeof id === 'string' ? id.slice(0, 100) : '?';
}
