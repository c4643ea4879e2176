import { describeChoice, type Ranked } from '@signalbox/router';
import type { Attempt } from '@signalbox/task-core';
import type { ExecutorEnv } from '../executor/env.js';
import { probeAI } from '../executor/probe-ai.js';
import { rankAIs } from '../executor/route.js';
import { mustGet } from '../tasks/hold-task.js';
import { type AIReport, reportAI } from './report-ai.js';

/** Probes it now, whatever was known, and tells how it stands with its newest attempts. */
export async function examineAI(env: ExecutorEnv, id: string): Promise<AIReport & { attempts: Attempt[] }> {
  const { store } = env;
  const ai = await store.ais.get(id);
  const connector = await env.connectors.find(ai.connector);
  if (connector) await probeAI(env, ai, connector);
  return { ...(await reportAI(store, await store.ais.get(id))), attempts: await store.tasks.attemptsOf(id, 10) };
}

/** Which AI would get a task now, and what speaks for and against each. Takes and records nothing. */
export async function explainRoute(
  env: ExecutorEnv,
  id: string,
  pin: string | null,
): Promise<{ task: string; chosen: string | null; ranking: Ranked[]; lines: string[] }> {
  const task = await mustGet({ tasks: env.store.tasks }, id);
  const { choice } = await rankAIs(env, task, { pin });
  return { task: id, chosen: choice.chosen?.id ?? null, ranking: choice.ranking, lines: describeChoice(choice) };
}
