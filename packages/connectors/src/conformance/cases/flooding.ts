import { sleep, systemClock } from '@signalbox/kernel';
import type { Bench } from '../bench.js';
import type { CaseDefinition } from '../case.js';
import { retainedBytes } from '../heap.js';
import { until } from '../running.js';
import { must, show } from '../violation.js';

const MIB = 1024 * 1024;
/** Pipes, the runner's queue of 4 MiB and what a connector may hold besides. */
const MAY_BE_UNDER_WAY = 24 * MIB;
const MAY_BE_HELD = 48 * MIB;
const STANDSTILL_MS = 1000;
const HOG_MS = 2000;
const BEAT_MS = 20;
const MANY_LINES = 4000;

export const FLOODING: readonly CaseDefinition[] = [
  {
    name: 'makes a flooding agent wait while nobody takes its events',
    about: 'The consumer sets the pace: what it does not take must not pile up.',
    needs: ['floods'],
    async run(context) {
      const bench = context.open('floods');
      const running = bench.start({ onEvent: ({ type }) => (type === 'text' ? running.pause() : undefined) });
      await running.event(({ type }) => type === 'text', 'a text of the flood');
      const printed = await standstill(bench);
      const hint = 'Read the next line only when the last event was taken: `yield` inside the loop over `lines()`.';
      must(
        printed <= MAY_BE_UNDER_WAY,
        `The agent could print ${show(Math.round(printed / MIB))} MiB that nobody took.`,
        hint,
      );
      bench.hurry();
      bench.abort();
      const isGone = await until(() => bench.place.alive().length === 0, context.patienceMs);
      must(
        isGone,
        'An abort did not end the agent while nobody took an event.',
        'Stop the process from the signal’s listener.',
      );
    },
  },
  {
    name: 'reads a flood to its end without hoarding it',
    about: 'The memory of a run is bounded, however much the agent says.',
    needs: ['floods'],
    async run(context) {
      const bench = context.open('floods');
      const before = retainedBytes();
      let read = 0;
      let held = 0;
      // Of what it was given the suite keeps nothing.
      const running = bench.start({
        keep: false,
        onEvent(event) {
          read += event.type === 'text' ? event.text.length : 0;
          if (held === 0 && (read > 0.8 * context.floodBytes || event.type === 'result'))
            held = retainedBytes() - before;
        },
      });
      const { failure } = await running.result();
      must(failure === null, `The flood ended well, and the result says ${show(failure)}.`, 'Read all of it.');
      const hint = 'Keep no more than the end of it for a summary.';
      must(held <= MAY_BE_HELD, `The run holds ${Math.round(held / MIB)} MiB of the flood.`, hint);
    },
  },
  {
    name: 'never holds up the event loop',
    about: 'Other runs, heartbeats and a person’s abort go through the same process.',
    needs: ['succeeds', 'floods'],
    async run(context) {
      let last = systemClock.monotonic();
      let longest = 0;
      let cancel = (): void => {};
      const beat = (): void => {
        const now = systemClock.monotonic();
        longest = Math.max(longest, now - last);
        last = now;
        cancel = systemClock.after(BEAT_MS, beat);
      };
      beat();
      try {
        await context.open('succeeds').start().over();
        let lines = 0;
        const leaveAt = ({ type }: { type: string }): boolean => type === 'text' && lines++ > MANY_LINES;
        const flood = context.open('floods');
        flood.hurry();
        await flood.start({ leaveAt }).over();
        await sleep(systemClock, BEAT_MS);
      } finally {
        cancel();
      }
      const hint = 'Use nothing that waits in place, such as `spawnSync`, and take long work apart.';
      must(longest < HOG_MS, `Nothing else could happen for ${Math.round(longest)} ms.`, hint);
    },
  },
];

/** Waits until the agent prints no more, or too much; returns how many bytes it has printed. */
async function standstill({ place }: Bench): Promise<number> {
  let printed = place.progress() ?? 0;
  let since = systemClock.monotonic();
  while (systemClock.monotonic() - since < STANDSTILL_MS) {
    await sleep(systemClock, 10);
    const now = place.progress() ?? 0;
    // 0 is a file in the making.
    if (now === 0 || now === printed) continue;
    printed = now;
    since = systemClock.monotonic();
    if (printed > MAY_BE_UNDER_WAY) break;
  }
  return printed;
}
