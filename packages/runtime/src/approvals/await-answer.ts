import { type Clock, sleep } from '@signalbox/kernel';
import { type ApprovalStore, answerOf } from '@signalbox/policy/records';

// Milliseconds between two looks. A person does not notice; a look is one indexed read.
const LOOK_MS = 500;

/** Waits until an approval is answered or has run out; false if it still waits after `waitMs`, or `signal` aborts first. */
export async function awaitAnswer(
  env: { clock: Clock; approvals: ApprovalStore },
  id: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const began = env.clock.monotonic();
  for (;;) {
    if (answerOf(await env.approvals.get(id), env.clock.now()).status !== 'waiting') return true;
    const left = waitMs - (env.clock.monotonic() - began);
    if (left <= 0 || signal.aborted) return false;
    await sleep(env.clock, Math.min(LOOK_MS, left), signal);
  }
}
