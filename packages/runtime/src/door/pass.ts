import type { JournalEntry } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { Ask, DoorEnv } from './door.js';
import { decisionEntry, type Judging } from './judging.js';
import { evidenceWanted, missingEvidence } from './obligations.js';
import type { Questions } from './questions.js';
import { refusal } from './refusal.js';
import { unmetEntry, unproven } from './unproven.js';

/** What ends with proof, or does not end. */
const PROVEN: ReadonlySet<string> = new Set(['task.complete', 'task.land']);

/** See `Door.permit`. */
export async function permit<T>(
  questions: Questions,
  ask: Ask,
  effect: (decision: PolicyDecisionRecord) => Promise<T>,
): Promise<T> {
  const { decision, effect: ruled, approval, giveBack } = await questions.rule(ask);
  if (ruled !== 'allow') throw refusal(ask.action.name, decision, approval);
  try {
    return await effect(decision);
  } catch (error) {
    await giveBack?.();
    throw error;
  }
}

interface Parts {
  env: DoorEnv;
  judging: Judging;
  questions: Questions;
}

type WithDecision = (entries: readonly JournalEntry[]) => JournalEntry[];

/** See `Door.pass`. */
export async function pass<T>(
  { env, judging, questions }: Parts,
  ask: Ask,
  effect: (withDecision: WithDecision) => Promise<T>,
): Promise<T> {
  const { record } = judging;
  const decision = judging.judgeToRecord(ask);
  const entry = decisionEntry(ask, decision);
  if (decision.decision !== 'allow') record([entry]);
  const word = await questions.consult(ask, decision);
  if (word?.status === 'rejected') record([word.outcome]);
  const approved = word?.status === 'approved' ? word : null;
  if (decision.decision !== 'allow' && !approved) throw refusal(ask.action.name, decision, word?.approval ?? null);
  const first = approved ? approved.outcome : entry;
  try {
    const missing = await missingProof(env, ask, decision);
    if (missing.length > 0) {
      record([first, unmetEntry(ask, decision, missing)]);
      throw unproven(ask, decision, missing);
    }
    let isTaken = false;
    const result = await effect((entries) => {
      isTaken = true;
      return [first, ...entries];
    });
    if (!isTaken) await approved?.giveBack();
    return result;
  } catch (error) {
    await approved?.giveBack();
    throw error;
  }
}

async function missingProof(env: DoorEnv, ask: Ask, decision: PolicyDecisionRecord): Promise<string[]> {
  if (!PROVEN.has(ask.action.name) || !ask.task || evidenceWanted(decision).length === 0) return [];
  return missingEvidence(evidenceWanted(decision), (await env.evidenceOf?.(ask.task.id)) ?? []);
}
