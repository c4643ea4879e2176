import { createSignalbox, createTask, executeTask, registerAI } from '@signalbox/runtime';
import { differenceFigure } from '../figures.mjs';
import { measurePairs, timed } from '../measure.mjs';
import { createProject, signalbox, timeProcess } from '../project.mjs';

const BOUND_MS = 100;

export const suite = {
  name: 'executor',
  title: 'executing `true`, above just spawning it',

  async figures({ reps, folder, say }) {
    const { root, environment } = await createProject(folder);
    const box = await createSignalbox({ root, environment });
    try {
      await registerAI(box.executor, box.actor, { id: 'shell', connector: 'command' });
      const newTask = () => createTask(box.tasks, box.door, box.actor, { title: 'Nothing', run: { argv: ['true'] } });
      const spawnTrue = () => timeProcess('true', [], { cwd: root, env: environment });

      say('in a running process …');
      const inProcess = await measurePairs(reps, spawnTrue, async () => {
        const { id } = await newTask();
        return timed(async () => {
          const { task } = await executeTask(box.executor, { actor: box.actor, task: id, workspace: 'in-place' });
          if (task.status !== 'done') throw new Error(`the task ended ${task.status}: ${task.failure?.message}`);
        });
      });

      say('as a command …');
      const asCommand = await measurePairs(reps, spawnTrue, async () => {
        const { id } = await newTask();
        const args = signalbox('task', 'execute', id, '--workspace', 'in-place', '--json');
        return timeProcess(process.execPath, args, { cwd: root, env: environment });
      });
      return [
        differenceFigure('executeTask in a running process', inProcess, { bound: BOUND_MS }),
        differenceFigure('signalbox task execute', asCommand, { bound: BOUND_MS }),
      ];
    } finally {
      await box.close();
    }
  },
};
