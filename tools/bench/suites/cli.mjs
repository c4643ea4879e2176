import { execFileSync } from 'node:child_process';
import { systemClock } from '@signalbox/kernel';
import { findHome, openStore, projectPaths } from '@signalbox/runtime/project';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { timeRatioFigure } from '../figures.mjs';
import { measurePairs } from '../measure.mjs';
import { createProject, signalbox, timeProcess } from '../project.mjs';
import { quickly } from '../quickly.mjs';

const TASKS = 10_000;
const LISTED = 50;

export const suite = {
  name: 'cli',
  title: 'starting the command line, against starting Node',

  async figures({ reps, folder, say }) {
    const { root, environment } = await createProject(folder);
    say(`creating ${TASKS.toLocaleString('en-US')} tasks …`);
    await fill(projectPaths(root, findHome(environment)));
    const inProject = { cwd: root, env: environment };
    const list = signalbox('task', 'list', '--limit', String(LISTED));
    expectListed(list, inProject);

    const node = () => timeProcess(process.execPath, ['-e', '0'], inProject);
    const command = (args) => () => timeProcess(process.execPath, args, inProject);
    say('starting processes …');
    return [
      timeRatioFigure('signalbox task list', await measurePairs(reps, node, command(list)), { bound: 1.25 }),
      timeRatioFigure('signalbox --version', await measurePairs(reps, node, command(signalbox('--version')))),
    ];
  },
};

async function fill(paths) {
  const store = openStore(paths, systemClock);
  try {
    await quickly(store.db, async () => {
      for (let n = 0; n < TASKS; n++) {
        const spec = parseTaskSpec({
          title: `Task ${n}`,
          description: 'Do it.',
          priority: n % 20,
          labels: { n: `${n}` },
        });
        await store.tasks.create(spec, 'user:bench', () => []);
      }
    });
  } finally {
    store.close();
  }
}

function expectListed(args, { cwd, env }) {
  const out = execFileSync(process.execPath, [...args, '--json'], { cwd, env, encoding: 'utf8' });
  const { tasks } = JSON.parse(out);
  if (tasks.length !== LISTED) throw new Error(`${tasks.length} tasks were listed, not ${LISTED}`);
}
