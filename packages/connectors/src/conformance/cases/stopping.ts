import { sleep, systemClock } from '@signalbox/kernel';
import type { Failure } from '../../contract.js';
import type { Bench } from '../bench.js';
import type { CaseContext, CaseDefinition } from '../case.js';
import type { Running } from '../running.js';
import type { Situation } from '../subject.js';
import { must, show } from '../violation.js';

const OBEYS = 'A connector must obey `io.signal` and the limits.';
const REASON = '`signal.reason` is a failure, which becomes the result’s.';
const LOST: Failure = { class: 'lease_lost', message: 'Another holder has the task.' };
const ABORT_HINT = 'Listen to `io.signal` and stop the process at once; keep its reason for the result.';
const isUp = ({ type }: { type: string }): boolean => type === 'text';

export const STOPPING: readonly CaseDefinition[] = [
  {
    name: 'starts nothing when it is aborted before it begins',
    bare: true,
    about: `${OBEYS} Exactly one result, also then.`,
    async run(context) {
      const isStaged = typeof context.subject.scenarios?.succeeds === 'function';
      const bench = isStaged ? context.open('succeeds') : context.openBare();
      bench.abort();
      const running = bench.start();
      const { failure } = await running.result();
      const hint = 'Look at `io.signal.aborted` before anything else.';
      must(failure?.class === 'cancelled', `The result says ${show(failure)} and not that it was cancelled.`, hint);
      must(running.events.length === 1, `The run gave ${running.events.length} events.`, hint);
      must(bench.processes.started.length + bench.place.reports().length === 0, 'The run has started a process.', hint);
    },
  },
  {
    name: 'stops when it is aborted, with the reason that it was given',
    about: `${OBEYS} ${REASON}`,
    needs: ['hangs'],
    run: async (context) => assertReason(await abortIn(context, 'hangs', LOST), LOST),
  },
  {
    name: 'takes an abort without a reason as cancelled',
    about: REASON,
    needs: ['hangs'],
    async run(context) {
      const { failure } = await abortIn(context, 'hangs');
      must(
        failure?.class === 'cancelled',
        `The result says ${show(failure)}.`,
        'Without a failure as its reason, an abort is a cancel.',
      );
    },
  },
  {
    name: 'ends an agent that ignores signals',
    about: 'A connector must leave no process behind, whatever way a run ends.',
    needs: ['ignores-signals'],
    run: async (context) => assertReason(await abortIn(context, 'ignores-signals', LOST), LOST),
  },
  {
    name: 'ends an agent that stays after its last word',
    about: 'A connector must leave no process behind, whatever way a run ends.',
    needs: ['lingers'],
    async run(context) {
      const bench = context.open('lingers');
      bench.request.limits.idleMs = 60_000;
      bench.hurry();
      await bench.start().result();
      bench.assertNothingLeft();
    },
  },
  limitCase('idle', 'hangs', { idleMs: 30_000 }, 'stalled'),
  limitCase('start', 'silent', { startMs: 30_000, idleMs: 30_000 }, 'stalled'),
  limitCase('wall-clock', 'talks-on', { wallMs: 30_000 }, 'timeout'),
  {
    name: 'lets an agent go on that shows signs of life',
    about: 'The idle limit is about silence, not about work.',
    needs: ['talks-on'],
    async run(context) {
      const bench = context.open('talks-on');
      bench.clock.setSpeed(0);
      bench.request.limits.idleMs = 30_000;
      const running = bench.start();
      for (let round = 0; round < 4; round++) {
        const seen = running.events.length;
        // The second one was said after the clock has moved.
        const isNew = (): boolean => running.events.length >= seen + 2 && running.events.at(-1)?.type === 'text';
        await running.event(isNew, 'the text that the agent goes on saying');
        bench.clock.advance(20_000);
        await sleep(systemClock, 0);
      }
      const hint = 'Begin the idle limit anew with each line of the agent.';
      must(!running.events.some(({ type }) => type === 'result'), 'An agent that talks was stopped as idle.', hint);
    },
  },
  {
    name: 'stops its agent when the consumer leaves',
    about: 'A connector must leave no process behind, also when the consumer leaves the iteration early.',
    needs: ['hangs'],
    async run(context) {
      const bench = context.open('hangs');
      bench.hurry();
      await bench.start({ leaveAt: isUp }).over();
      bench.assertNothingLeft();
    },
  },
];

function limitCase(
  name: string,
  situation: Situation,
  limits: Partial<Bench['request']['limits']>,
  expected: 'stalled' | 'timeout',
): CaseDefinition {
  return {
    name: `obeys the ${name} limit`,
    about: `${OBEYS} They are counted by \`io.clock\`.`,
    needs: [situation],
    async run(context) {
      const bench = context.open(situation);
      Object.assign(bench.request.limits, limits);
      bench.hurry();
      const { failure } = await bench.start().result();
      const hint =
        'Set a timer with `io.clock.after`, stop the process when it fires and keep the reason for the result.';
      must(
        failure?.class === expected,
        `The limit has passed, and the result says ${show(failure)} and not ${expected}.`,
        hint,
      );
      bench.assertNothingLeft();
    },
  };
}

async function abortIn(context: CaseContext, situation: Situation, reason?: Failure): ReturnType<Running['result']> {
  const bench = context.open(situation);
  const running = bench.start();
  await running.event(isUp, 'the text that the agent has said');
  bench.hurry();
  bench.abort(reason);
  const result = await running.result();
  bench.assertNothingLeft();
  return result;
}

function assertReason({ failure }: { failure: Failure | null }, reason: Failure): void {
  const isSame = failure?.class === reason.class && failure.message === reason.message;
  must(isSame, `The result says ${show(failure)} and not ${show(reason)}.`, ABORT_HINT);
}
