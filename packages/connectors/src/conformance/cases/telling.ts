import type { CaseContext, CaseDefinition } from '../case.js';
import type { Running } from '../running.js';
import type { Situation } from '../subject.js';
import { must } from '../violation.js';
import { checkEvent, checkUsage } from './event-form.js';

const ENDINGS: readonly Situation[] = ['succeeds', 'fails', 'crashes'];

export const TELLING: readonly CaseDefinition[] = [
  {
    name: 'ends every run with exactly one result, and nothing after it',
    about: 'A connector must end `run` with exactly one `result`, also after an abort, and yield nothing after it.',
    needs: [...ENDINGS, 'hangs'],
    async run(context) {
      for (const situation of ENDINGS) assertOneResult(await consume(context, situation), `an agent that ${situation}`);
      const bench = context.open('hangs');
      const running = bench.start();
      await running.event((event) => event.type !== 'waiting', 'an event');
      bench.hurry();
      bench.abort();
      await running.over();
      assertOneResult(running, 'an abort');
    },
  },
  {
    name: 'says at most once that its agent is up, and before anything but waiting',
    about: '`started` comes at most once a run; before anything but `waiting`.',
    needs: ['succeeds', 'fails'],
    async run(context) {
      for (const situation of ['succeeds', 'fails'] as const) {
        const { events } = await consume(context, situation);
        const types = events.map((event) => event.type);
        const count = types.filter((type) => type === 'started').length;
        must(count <= 1, `The run said \`started\` ${count} times.`, 'Remember that you have said it.');
        const first = types.find((type) => type !== 'waiting');
        const hint = 'Hold back what comes before, or say `started` as soon as the agent speaks.';
        must(count === 0 || first === 'started', `The run said \`${first}\` before \`started\`.`, hint);
      }
    },
  },
  {
    name: 'gives only events that the contract knows, in their form',
    about: 'The events of `AgentEvent`, which can be written as JSON.',
    needs: ['succeeds', 'fails'],
    async run(context) {
      for (const situation of ['succeeds', 'fails'] as const) {
        const { events } = await consume(context, situation);
        const wrong = events.flatMap(checkEvent);
        must(wrong.length === 0, wrong.join(' '), 'See the doc comments of `AgentEvent`.');
      }
    },
  },
  {
    name: 'counts usage in finite numbers, and leaves out what it does not know',
    about: 'A member of `Usage` that is absent is unknown, not zero.',
    needs: ['succeeds', 'fails', 'crashes'],
    async run(context) {
      for (const situation of ENDINGS) {
        const { events } = await consume(context, situation);
        const wrong = events.flatMap((event) => ('usage' in event ? checkUsage(event.usage) : []));
        must(wrong.length === 0, wrong.join(' '), 'Leave a member out when the agent did not tell it.');
      }
    },
  },
];

/** Runs to the end; a run that throws is judged by another case. */
async function consume(context: CaseContext, situation: Situation): Promise<Running> {
  const running = context.open(situation).start();
  await running.over();
  return running;
}

function assertOneResult({ events }: Running, after: string): void {
  const types = events.map((event) => event?.type);
  const count = types.filter((type) => type === 'result').length;
  const hint = 'Yield `result` in one place, as the last thing that `run` does.';
  must(count === 1, `The run gave ${count} results after ${after}.`, hint);
  must(types.at(-1) === 'result', `The run gave \`${types.at(-1)}\` after its result.`, hint);
}
