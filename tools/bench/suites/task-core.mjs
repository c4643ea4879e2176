import { measureCycles } from '../task-core/cycle.mjs';
import { measureDepth } from '../task-core/depth.mjs';
import { measureGraph } from '../task-core/graph.mjs';
import { measureLocks } from '../task-core/locks.mjs';
import { measureRenewals } from '../task-core/renewals.mjs';

export const suite = {
  name: 'task-core',
  title: 'the queue, against bare SQLite and plainjob',

  async figures({ reps, folder, say }) {
    say('cycles …');
    const cycles = await measureCycles(reps, folder);
    const renewals = await measureRenewals(reps, folder);
    const locks = await measureLocks(reps, folder, say);
    const graph = await measureGraph(reps, folder, say);
    const depth = await measureDepth(reps, folder, say);
    return [...cycles, ...depth, ...locks, ...graph, ...renewals];
  },
};
