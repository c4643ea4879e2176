import { withCanaries } from '../canaries.js';
import type { CaseDefinition } from '../case.js';
import { SECRET_VARIABLE } from '../subject.js';
import { must, show, violation } from '../violation.js';
import { changesBetween, filesBelow, namesInWorkingDirectory } from '../watch-files.js';

export const LEAVING: readonly CaseDefinition[] = [
  {
    name: 'leaves none of the processes that its agent has started',
    about: 'A connector must leave no process behind, whatever way a run ends.',
    needs: ['leaves-processes'],
    async run(context) {
      const bench = context.open('leaves-processes');
      await bench.start().result();
      bench.assertNothingLeft();
    },
  },
  {
    name: 'starts its agent through io.processes',
    about: 'A connector must start every process through `io.processes`, so that the supervisor and the sweep see it.',
    needs: ['succeeds'],
    async run(context) {
      const bench = context.open('succeeds');
      await bench.start().over();
      const { started } = bench.processes;
      const { attempt } = bench.request;
      const reports = bench.place.reports();
      const unseen = reports.length > 0 && started.length === 0;
      const hint = 'Use `io.processes.spawn` and `run`, and neither `node:child_process` nor a library that does.';
      must(!unseen, 'The agent was started, and not through `io.processes`.', hint);
      const isOurs = started.every(({ marker }) => marker.attempt === attempt.id && marker.ai === attempt.ai);
      must(
        isOurs,
        'A process was started with the marker of another attempt.',
        'Give `request.attempt` as the marker.',
      );
    },
  },
  {
    name: 'writes nowhere but into its own folders',
    about: 'A connector must not write outside the workspace (through the agent), `scratch` and `sessionFolder`.',
    needs: ['succeeds'],
    async run(context) {
      const bench = context.open('succeeds');
      const { root, scratch, sessionFolder, stage } = bench.place;
      const own = [scratch, sessionFolder, stage.folder];
      const before = filesBelow(root, own);
      const names = namesInWorkingDirectory();
      await bench.start().over();
      const here = [...namesInWorkingDirectory()].filter((name) => !names.has(name));
      const changes = [...changesBetween(before, filesBelow(root, own)), ...here];
      must(changes.length === 0, `The run has written ${show(changes)}.`, 'Write into `request.scratch`.');
    },
  },
  {
    name: 'gives its agent the environment of the request and nothing of its own',
    about: 'A connector must not read the environment of its own process: everything comes in the request.',
    needs: ['succeeds'],
    async run(context) {
      const bench = context.open('succeeds');
      const hint = 'Give the child `request.environment` and what you add to it on purpose.';
      await withCanaries(context.subject.connector, async (canary) => {
        const running = bench.start();
        await running.over();
        const seen = [...bench.processes.started, ...bench.place.reports()].flatMap(({ environment = {} }) =>
          Object.keys(environment).filter((name) => environment[name]?.includes(canary)),
        );
        must(seen.length === 0, `The agent was given ${show([...new Set(seen)])} of our own process.`, hint);
        const told = JSON.stringify(running.events).includes(canary);
        must(!told, 'The run told a variable of our own process.', 'Take everything from the request.');
      });
      const { environment } = bench.place.reports().at(0) ?? {};
      const isThere = !environment || environment[SECRET_VARIABLE] === bench.place.stage.secret;
      must(isThere, 'The agent was not given the environment of the request.', hint);
    },
  },
  {
    name: 'keeps secrets out of what it tells',
    about: 'A connector must not put a secret into an event, an error or a summary.',
    needs: ['echoes-secrets'],
    async run(context) {
      const bench = context.open('echoes-secrets');
      const running = bench.start();
      await running.over();
      const { secret } = bench.place.stage;
      const hint = `Replace the values of variables like ${SECRET_VARIABLE} in everything that you take from the agent.`;
      const thrown = running.thrown();
      if (thrown && String(thrown.error).includes(secret))
        throw violation('The run threw an error with a secret in it.', hint);
      const where = running.events.flatMap((event) =>
        Object.entries(event)
          .filter(([, value]) => JSON.stringify(value ?? null).includes(secret))
          .map(([member]) => `${event.type}.${member}`),
      );
      must(where.length === 0, `A secret of the environment is in ${show([...new Set(where)])}.`, hint);
    },
  },
];
