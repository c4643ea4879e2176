import { createTask, executeTask } from '@signalbox/runtime';
import { differenceFigure } from '../figures.mjs';
import { measurePairs, timed } from '../measure.mjs';
import { signalbox, timeProcess } from '../project.mjs';

const BOUND_MS = 100;

/** A whole execution of `true` through the `command` connector, in place: claim to settled, with diff, evidence, checkpoint. */
export async function measureExecution(reps, box, { root, environment }) {
  const newTask = () => createTask(box.tasks, box.door, box.actor, { title: 'Nothing', run: { argv: ['true'] } });
  const spawnTrue = () => timeProcess('true', [], { cwd: root, env: environment });
  const inProcess = await measurePairs(reps, spawnTrue, async () => {
    const { id } = await newTask();
    return timed(async () => {
      const { task } = await executeTask(box.executor, { actor: box.actor, task: id, workspace: 'in-place' });
      if (task.status !== 'done') throw new Error(`the task ended ${task.status}: ${task.failure?.message}`);
    });
  });
  const asCommand = await measurePairs(reps, spawnTrue, async () => {
    const { id } = await newTask();
    const args = signalbox('task', 'execute', id, '--workspace', 'in-place', '--json');
    return timeProcess(process.execPath, args, { cwd: root, env: environment });
  });
  return [
    differenceFigure('executeTask in a running process', inProcess, { bound: BOUND_MS }),
    differenceFigure('signalbox task execute', asCommand, { bound: BOUND_MS }),
  ];
}
