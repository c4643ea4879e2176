import { join } from 'node:path';
import { sleep, systemClock } from '@signalbox/kernel';
import type { ProbeReport } from '../../contract.js';
import { type Bench, baseEnvironment } from '../bench.js';
import { withCanaries } from '../canaries.js';
import type { CaseContext, CaseDefinition } from '../case.js';
import { within } from '../running.js';
import type { Situation } from '../subject.js';
import { must, show, violation } from '../violation.js';
import { changesBetween, filesBelow } from '../watch-files.js';
import { checkReport } from './probe-report.js';

const LIMIT_MS = 10_000;
const STEP_MS = 500;
const NEVER_REJECTS = 'probe never rejects, and takes no longer than ten seconds.';

export const PROBING: readonly CaseDefinition[] = [
  {
    name: 'probes with an empty environment',
    bare: true,
    about: NEVER_REJECTS,
    run: async (context) => void (await probe(context, context.openBare(), {})),
  },
  {
    name: 'probes where its program is missing',
    bare: true,
    about: `${NEVER_REJECTS} What is not installed is said with what to do.`,
    async run(context) {
      const bench = openIn(context, 'missing-program');
      const report = await probe(context, bench, { PATH: bench.place.home, HOME: bench.place.home });
      if (typeof context.subject.scenarios?.['missing-program'] !== 'function') return;
      const hint = 'Look whether the program is there before you say that it is.';
      must(!report.installed, 'The probe says that a program is installed which does not exist.', hint);
    },
  },
  {
    name: 'probes in a hostile environment',
    bare: true,
    about: NEVER_REJECTS,
    async run(context) {
      const bench = openIn(context, 'succeeds');
      const nowhere = join(bench.place.root, 'nowhere');
      const { PATH = '' } = bench.request.environment;
      for (const path of ['', ':.:relative', nowhere, PATH]) {
        const wrong = {
          PATH: path,
          HOME: nowhere,
          TMPDIR: nowhere,
          LANG: 'xx_XX.\u{1F4A5}',
          NODE_OPTIONS: '--no-such',
        };
        await probe(context, bench, { ...bench.request.environment, ...wrong });
      }
    },
  },
  {
    name: 'ends its probe although its program hangs',
    about: NEVER_REJECTS,
    needs: ['hangs'],
    async run(context) {
      const bench = context.open('hangs');
      const probing = probe(context, bench, bench.request.environment);
      bench.clock.setSpeed(0);
      // In steps, for a probe that asks one question after the other; one second more than the limit.
      for (let passed = 0; passed <= LIMIT_MS; passed += STEP_MS) {
        await sleep(systemClock, 20);
        bench.clock.advance(STEP_MS);
      }
      await probing;
    },
  },
  {
    name: 'claims in its probe no more than it declares',
    bare: true,
    about: 'capabilities is the most the connector can do; probe says what is real.',
    async run(context) {
      const bench = openIn(context, 'succeeds');
      const { capabilities } = await probe(context, bench, bench.request.environment);
      const declared = context.subject.connector.capabilities;
      const more = Object.entries(capabilities).filter(
        ([name, real]) => real && !declared[name as keyof typeof declared],
      );
      const hint = 'Declare them in `capabilities`, or do not claim them.';
      must(
        more.length === 0,
        `The probe claims capabilities that are not declared: ${show(more.map(([name]) => name))}.`,
        hint,
      );
    },
  },
  {
    name: 'probes only the environment that it is given',
    bare: true,
    about: 'A connector must not read the environment of its own process.',
    async run(context) {
      const bench = context.openBare();
      const { home, temporary } = bench.place;
      const environment = baseEnvironment(home, temporary);
      const without = await probe(context, bench, environment);
      const withThem = await withCanaries(context.subject.connector, () => probe(context, bench, environment));
      const same = JSON.stringify(without) === JSON.stringify(withThem);
      const hint = 'Take variables from `context.environment`, and give children an `env` of their own.';
      must(same, 'The probe tells something else when only the variables of our own process change.', hint);
    },
  },
  {
    name: 'changes nothing when it probes',
    bare: true,
    about: 'probe must not change anything.',
    async run(context) {
      const bench = openIn(context, 'succeeds');
      const { root, stage } = bench.place;
      const before = filesBelow(root, [stage.folder]);
      await probe(context, bench, bench.request.environment);
      const changes = changesBetween(before, filesBelow(root, [stage.folder]));
      const hint = 'Only look, or remove what the program has to write to answer.';
      must(changes.length === 0, `The probe has written ${show(changes)}.`, hint);
    },
  },
];

/** The situation if there is one, else the subject's own configuration. */
function openIn(context: CaseContext, situation: Situation): Bench {
  const isThere = typeof context.subject.scenarios?.[situation] === 'function';
  return isThere ? context.open(situation) : context.openBare();
}

async function probe(
  { subject, patienceMs }: CaseContext,
  { clock, request }: Bench,
  environment: Readonly<Record<string, string>>,
): Promise<ProbeReport> {
  const hint = 'Catch what goes wrong and say it in `problems`; give each question to the program a limit.';
  const probing = (async () =>
    subject.connector.probe({ config: request.config, environment: { ...environment }, clock }))();
  probing.catch(() => {}); // it may reject after patience has ended
  const late = 'The probe takes longer than ten seconds.';
  const report = await within(probing, Math.min(patienceMs, LIMIT_MS), late, hint).catch((error) => {
    if (error instanceof Error && error.message.startsWith(late)) throw error;
    throw violation(`The probe rejected with ${show(error)}.`, hint);
  });
  const wrong = checkReport(report);
  must(wrong.length === 0, wrong.join(' '), 'See the doc comments of `ProbeReport`.');
  return report;
}
