import type { AgentAnswer, AgentRequest, RunIo } from '../contract.js';
import type { Watchdogs } from '../watchdogs.js';

/** Whether all of several requests may be done. */
export type Decide = (requests: readonly AgentRequest[]) => Promise<AgentAnswer>;

const UNDECIDED: AgentAnswer = { allow: false, message: 'Signalbox could not decide about this, so it is refused.' };

/** Asks about one after the other, until one is refused; a missing or failed answer is a refusal. Meanwhile silence is no stall. */
export function createDecide(io: RunIo, watchdogs: Watchdogs): Decide {
  return async (requests) => {
    let answer: AgentAnswer = UNDECIDED;
    watchdogs.pause();
    try {
      for (const request of requests) {
        answer = (await io.decide(request)) ?? UNDECIDED;
        if (answer.allow !== true || answer.stop === true) return { ...answer, allow: false };
      }
      return answer;
    } catch {
      return UNDECIDED;
    } finally {
      watchdogs.resume();
    }
  };
}
