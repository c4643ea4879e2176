import { existsSync } from 'node:fs';
import type { AgentAnswer, Failure } from '../../contract.js';
import type { Bench } from '../bench.js';
import type { CaseContext, CaseDefinition } from '../case.js';
import { until } from '../running.js';
import type { ConformanceSubject } from '../subject.js';
import { must, show } from '../violation.js';

const NO_IS_NO = 'A connector must take a refused, missing or failed answer of `decide` as no.';
const HOUR_MS = 60 * 60 * 1000;
const HINT =
  'Let the agent act only after `decide` has answered with `allow: true` and without `stop`; catch what it throws.';

const skip = ({ connector }: ConformanceSubject): string | null =>
  connector.capabilities.approvals ? null : 'The connector does not ask before a tool call (`capabilities.approvals`).';

const common = { skip, needs: ['asks'] } as const satisfies Partial<CaseDefinition>;

export const ASKING: readonly CaseDefinition[] = [
  {
    ...common,
    name: 'asks before its agent acts, and lets it after a yes',
    about: 'With `approvals` it asks `decide` before each tool call, and obeys.',
    async run(context) {
      const bench = context.open('asks');
      let wasDone = false;
      bench.decide = async () => {
        wasDone ||= isDone(bench);
        return { allow: true, message: 'Go on.' };
      };
      const { failure } = await bench.start().result();
      must(bench.asked.length > 0, 'Nobody was asked.', 'Put each tool call to `io.decide`.');
      must(!wasDone, 'The agent had acted before it was asked about.', HINT);
      must(
        isDone(bench) && failure === null,
        `It was allowed and not done; the result says ${show(failure)}.`,
        'Pass the yes on.',
      );
    },
  },
  refusal('takes a refusal as no', async () => ({ allow: false, message: 'Not here.' })),
  refusal('takes a failed answer as no', () => Promise.reject(new Error('The one who decides is broken.'))),
  refusal('takes a missing answer as no', async () => undefined as unknown as AgentAnswer),
  {
    ...common,
    name: 'ends the attempt when an answer says stop',
    about: '`stop`: end the attempt now. The class is policy_denied.',
    async run(context) {
      const bench = context.open('asks');
      bench.decide = async () => {
        bench.hurry();
        return { allow: true, message: 'A person must approve first.', stop: true };
      };
      const { failure } = await bench.start().result();
      must(!isDone(bench), 'The answer said stop, and the agent has acted.', HINT);
      must(
        failure?.class === 'policy_denied',
        `The result says ${show(failure)} and not policy_denied.`,
        'Stop the agent then.',
      );
      bench.assertNothingLeft();
    },
  },
  {
    ...common,
    name: 'can be aborted while an answer is waited for',
    about: `${NO_IS_NO} It must obey \`io.signal\` also then.`,
    async run(context) {
      const { bench, running } = await startAsking(context);
      const reason: Failure = { class: 'lease_lost', message: 'Another holder has the task.' };
      bench.hurry();
      bench.abort(reason);
      const { failure } = await running.result();
      must(
        failure?.class === reason.class,
        `The result says ${show(failure)} and not ${show(reason)}.`,
        'Keep the reason.',
      );
      must(!isDone(bench), 'Nobody has answered, and the agent has acted.', HINT);
      bench.assertNothingLeft();
    },
  },
  {
    ...common,
    name: 'does not take a person’s thinking for a stall',
    about: '`decide` may take as long as a person needs.',
    async run(context) {
      const { bench, running, answer } = await startAsking(context);
      bench.clock.advance(HOUR_MS);
      answer({ allow: true, message: 'After lunch.' });
      const { failure } = await running.result();
      const hint = 'Stop counting idle time while `decide` is pending.';
      must(isDone(bench) && failure === null, `An answer took an hour, and the result says ${show(failure)}.`, hint);
    },
  },
];

function refusal(name: string, decide: Bench['decide']): CaseDefinition {
  return {
    ...common,
    name,
    about: NO_IS_NO,
    async run(context) {
      const bench = context.open('asks');
      bench.decide = decide;
      const running = bench.start();
      // It may go on and succeed, or give up: both are the agent's own affair.
      await running.result();
      must(bench.asked.length > 0, 'Nobody was asked.', 'Put each tool call to `io.decide`.');
      must(!isDone(bench), 'It was not allowed, and the agent has acted.', HINT);
    },
  };
}

/** Runs until `decide` is asked, and leaves the answer open. */
async function startAsking(context: CaseContext) {
  const bench = context.open('asks');
  bench.request.limits.idleMs = HOUR_MS / 2;
  let answer: (given: AgentAnswer) => void = () => {};
  bench.decide = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const running = bench.start();
  await until(() => bench.asked.length > 0 || running.isOver(), context.patienceMs);
  must(bench.asked.length > 0, 'Nobody was asked.', 'Put each tool call to `io.decide`.');
  return { bench, running, answer: (given: AgentAnswer) => answer(given) };
}

const isDone = ({ place }: Bench): boolean => existsSync(place.stage.files.deed);
