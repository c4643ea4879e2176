import type { FailureClass } from '../../contract.js';
import type { CaseContext, CaseDefinition } from '../case.js';
import type { Result } from '../running.js';
import type { Situation } from '../subject.js';
import { must, show } from '../violation.js';

const VALUES = 'A connector must not throw for an agent’s failure: that is a value.';
const SIGNS = '`failure` is null only when every sign of success is there; hard signs count for more than words.';

/** Of an agent that came to an end by itself and did not succeed. */
const OWN_FAILURES: readonly FailureClass[] = ['agent_error', 'invalid_output', 'transient', 'auth', 'rate_limited'];
const BROKEN: readonly FailureClass[] = ['crashed', 'invalid_output'];

export const ENDING: readonly CaseDefinition[] = [
  {
    name: 'reports the success of an agent that succeeds',
    about: SIGNS,
    needs: ['succeeds'],
    async run(context) {
      const { failure } = await runIn(context, 'succeeds');
      must(
        failure === null,
        `The agent has succeeded, and the result says ${show(failure)}.`,
        'Look which sign was missed.',
      );
    },
  },
  {
    name: 'reports the failure of an agent that fails',
    about: VALUES,
    needs: ['fails'],
    run: async (context) => assertFailure(await runIn(context, 'fails'), OWN_FAILURES, 'The agent has failed'),
  },
  {
    name: 'does not believe an agent that claims success and ends with an error',
    about: SIGNS,
    needs: ['lies'],
    async run(context) {
      const claim = 'The agent has claimed success and ended with an error code';
      assertFailure(await runIn(context, 'lies'), [...OWN_FAILURES, 'crashed'], claim);
    },
  },
  {
    name: 'does not take an end without a word for success',
    about: SIGNS,
    needs: ['says-nothing'],
    async run(context) {
      assertFailure(await runIn(context, 'says-nothing'), OWN_FAILURES, 'The agent has ended without claiming success');
    },
  },
  {
    name: 'calls an agent crashed that is killed by a signal',
    about: 'crashed: the agent could not be started, or died by a signal that we did not send.',
    needs: ['crashes'],
    run: async (context) => assertFailure(await runIn(context, 'crashes'), ['crashed'], 'The agent was killed'),
  },
  {
    name: 'survives an agent that dies inside a line',
    about: VALUES,
    needs: ['half-line'],
    async run(context) {
      const bench = context.open('half-line');
      const running = bench.start();
      assertFailure(await running.result(), BROKEN, 'The agent died inside a line');
      const told = JSON.stringify(running.events).includes(bench.place.stage.word);
      must(told, 'The line before the half one was lost.', 'Yield each line as it comes, whatever follows it.');
    },
  },
  {
    name: 'survives output that is not its agent’s language',
    about: VALUES,
    needs: ['garbage'],
    run: async (context) => void (await runIn(context, 'garbage')),
  },
  {
    name: 'gives a result when its program cannot be started',
    about: 'crashed: the agent could not be started, or died by a signal that we did not send.',
    needs: ['missing-program'],
    async run(context) {
      assertFailure(await runIn(context, 'missing-program'), ['crashed'], 'The program does not exist');
    },
  },
  {
    name: 'begins anew when the session to resume is not there',
    about: 'A session that is not there any more is no failure; without the capability it is ignored.',
    needs: ['succeeds'],
    async run(context) {
      const bench = context.open('succeeds');
      bench.request.session = '00000000-0000-4000-8000-000000000000';
      const { failure } = await bench.start().result();
      const hint = 'Look whether the session is there before you ask the agent for it.';
      must(failure === null, `The session did not exist, and the result says ${show(failure)}.`, hint);
    },
  },
];

async function runIn(context: CaseContext, situation: Situation): Promise<Result> {
  return context.open(situation).start().result();
}

function assertFailure({ failure }: Result, classes: readonly FailureClass[], what: string): void {
  const fits = failure !== null && classes.includes(failure.class);
  const hint = `Give a failure of the class ${classes.join(', ')}.`;
  must(fits, `${what}, and the result says ${failure === null ? 'success' : show(failure)}.`, hint);
}
