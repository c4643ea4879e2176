import type { JsonObject } from '@signalbox/kernel';
import type { AgentDoor } from './agent-door.js';
import { askTogether } from './ask-together.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import type { Change } from './change.js';
import type { ExecutorEnv } from './env.js';
import { completionAsk, decideCompletion } from './judge.js';
import { landChange, landingAsk, landingFacts } from './landing-step.js';
import { afterStop, verdictWithout } from './settlements.js';
import type { Verdict } from './verdict.js';
import { keepWaiting } from './waiting-work.js';

/** Work that was judged. `change` and `commit` are null for a folder that is not looked at. */
export interface PassedWork {
  verdict: Verdict;
  demanded: string[];
  change: Change | null;
  commit: string | null;
}

/**
 * Completes and lands work that passed its verdict. Where policy asks about its end, the work waits for the answer as it is:
 * `data` then says what `findWaitingWork` needs.
 */
export async function endWork(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { work: { verdict, change, commit, demanded }, data }: { work: PassedWork; data: JsonObject },
): Promise<AttemptEnd> {
  const { task, workspace } = scope;
  const lands = change && commit && workspace.kind !== 'in-place';
  const landable = lands && {
    ...{ commit, base: workspace.repository?.base ?? commit, verdict, demanded, facts: landingFacts(task, change) },
    evidence: change.drafts[0]?.digest ?? 'none',
    counted: scope.evidence.kindsThatCount(),
  };
  const asked = await askTogether(
    () => env.door.inquire(completionAsk(scope)),
    async () => (landable ? env.door.inquire(landingAsk(scope, landable)) : null),
  );
  if (landable && asked.settlement) {
    data['waiting'] = keepWaiting(scope, door, landable);
  }
  if (asked.settlement) return { settlement: asked.settlement, verdict, data, landed: null };
  const completion = await decideCompletion(env, scope);
  if (completion.refused) return { settlement: completion.refused, verdict, data, landed: null };
  if (!landable) return { settlement: { kind: 'done' }, verdict, data, landed: null };
  const landing = await landChange(env, scope, door, landable);
  if (landing.landed !== null || !scope.signal.aborted) return { ...landing, data };
  const settlement = afterStop(scope.signal);
  return { settlement, verdict: verdictWithout(settlement), data, landed: null };
}
