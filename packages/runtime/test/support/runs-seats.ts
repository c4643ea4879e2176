import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Project } from './bench.js';
import type { Dice } from './runs-seed.js';

// These run the built package, as a user's process would.
const EXECUTOR = fileURLToPath(new URL('../fixtures/runs-executor.mjs', import.meta.url));

/**
 * Lets executors work side by side in processes of their own; some are killed (SIGKILL) at a step, and others take their seats.
 * Returns at which steps.
 */
export async function fillSeats(
  project: Project,
  dice: Dice,
  { seats, concurrency, kills }: { seats: number; concurrency: number; kills: number },
): Promise<string[]> {
  const killed: string[] = [];
  let left = kills;
  const sit = async (): Promise<void> => {
    for (;;) {
      const mayKill = left > 0;
      if (mayKill) left -= 1;
      const step = await runExecutor(project, concurrency, mayKill ? 5 + dice.below(150) : Infinity);
      if (step === null) return;
      killed.push(step);
    }
  };
  // All of them, also when one fails: the others are still at work in the project.
  const ended = await Promise.allSettled(Array.from({ length: seats }, sit));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  return killed;
}

/** The step at which it was killed; null when it ended by itself before so many steps. */
async function runExecutor(project: Project, concurrency: number, steps: number): Promise<string | null> {
  const child = spawn(process.execPath, [EXECUTOR, project.root, String(concurrency)], {
    env: project.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  let count = 0;
  let killedAt: string | null = null;
  for await (const line of createInterface({ input: child.stdout })) {
    const { step } = JSON.parse(line) as { step: string };
    count += 1;
    if (count < steps || killedAt !== null) continue;
    killedAt = step;
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  if (signal === 'SIGKILL') return killedAt;
  if (code !== 0) throw new Error(`An executor ended with ${code ?? signal}: ${errors}`);
  return null;
}
