import type { Task } from '@signalbox/runtime/project';
import type { Stage } from './stage.js';

/** The ids of the six tasks. */
export interface DemoTasks {
  total: string;
  format: string;
  usage: string;
  changes: string;
  suite: string;
  push: string;
}

const TOTAL_TEST = 'node --test test/total.test.js';
const FORMAT_TEST = 'node --test test/format.test.js';

/** Six tasks with priorities, needs and locks, two of which overlap. */
export async function createTasks(stage: Stage): Promise<DemoTasks> {
  const create = async (title: string, options: Record<string, string | string[]>): Promise<string> => {
    const argv = Object.entries(options).flatMap(([name, value]) =>
      [value].flat().flatMap((each) => [`--${name}`, each]),
    );
    const task = await stage.ask<Task>('task', 'create', title, ...argv);
    stage.say(`${stage.paint.dim(task.id)} ${task.status}\n`);
    return task.id;
  };
  const code = { type: 'bugfix', capability: 'code' };
  const prose = { type: 'docs', capability: 'prose' };
  const total = await create('Correct total', { ...code, priority: 'high', lock: 'src/total.js', check: TOTAL_TEST });
  const format = await create('Write two decimals', { ...code, lock: 'src/**', check: FORMAT_TEST });
  const usage = await create('Describe the usage', {
    ...prose,
    lock: 'docs/**',
    check: 'node scripts/check-docs.js usage',
  });
  const changes = await create('Write the change log', {
    ...prose,
    need: [format, usage],
    lock: 'docs/changes.md',
    check: 'node scripts/check-docs.js usage changes',
  });
  const suite = await create('Run all tests', {
    run: `${TOTAL_TEST} test/format.test.js`,
    need: changes,
    priority: 'low',
  });
  const push = await create('Publish it', { run: 'git push --force origin main', ai: 'shell', priority: 'low' });
  return { total, format, usage, changes, suite, push };
}
