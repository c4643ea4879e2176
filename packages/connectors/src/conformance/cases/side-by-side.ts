import { writeFileSync } from 'node:fs';
import type { Bench } from '../bench.js';
import type { CaseContext, CaseDefinition } from '../case.js';
import type { Running } from '../running.js';
import { must, show } from '../violation.js';

const ABOUT = 'Several attempts run in one process; what is of one must not reach another.';
const HINT = 'Keep what belongs to a run inside `run`, and nothing in the module or the connector.';

export const SIDE_BY_SIDE: readonly CaseDefinition[] = [
  {
    name: 'keeps two runs apart',
    about: ABOUT,
    needs: ['waits'],
    async run(context) {
      const pair = await startTwo(context);
      for (const { bench } of pair) release(bench);
      for (const { running } of pair) {
        const { failure } = await running.result();
        must(failure === null, `One of two runs at once ended with ${show(failure)}.`, HINT);
      }
      const [one, other] = pair;
      for (const [mine, theirs] of [
        [one, other],
        [other, one],
      ] as const) {
        const told = JSON.stringify(mine.running.events);
        must(!told.includes(theirs.bench.place.stage.word), 'A run told what the agent of another has said.', HINT);
        const said = mine.running.events.filter((event) => event.type === 'text' && event.text.includes(mine.word));
        must(said.length >= 2, `The agent has spoken twice, and its run told ${said.length} of it.`, HINT);
      }
    },
  },
  {
    name: 'stops only the run that is aborted',
    about: ABOUT,
    needs: ['waits'],
    async run(context) {
      const [one, other] = await startTwo(context);
      one.bench.hurry();
      one.bench.abort();
      const { failure } = await one.running.result();
      must(failure?.class === 'cancelled', `The aborted run ended with ${show(failure)}.`, HINT);
      one.bench.assertNothingLeft();
      must(!other.running.isOver(), 'The abort of one run ended another.', HINT);
      release(other.bench);
      const kept = await other.running.result();
      must(kept.failure === null, `The abort of one run ended another with ${show(kept.failure)}.`, HINT);
    },
  },
];

interface Started {
  bench: Bench;
  running: Running;
  word: string;
}

/** Two runs whose agents are both up. */
async function startTwo(context: CaseContext): Promise<[Started, Started]> {
  const start = (): Started => {
    const bench = context.open('waits');
    return { bench, running: bench.start(), word: bench.place.stage.word };
  };
  const pair: [Started, Started] = [start(), start()];
  for (const { running } of pair)
    await running.event(({ type }) => type === 'text', 'the text that the agent has said');
  return pair;
}

function release({ place }: Bench): void {
  writeFileSync(place.stage.files.go, '');
}
