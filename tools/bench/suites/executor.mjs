import { join } from 'node:path';
import { createSignalbox, registerAI } from '@signalbox/runtime';
import { measureAttempts } from '../executor/attempts.mjs';
import { measureCapture } from '../executor/capture-output.mjs';
import { measureGovernedCycle } from '../executor/cycle.mjs';
import { measureExecution } from '../executor/execute.mjs';
import { measureMemory } from '../executor/memory.mjs';
import { measureSpawning } from '../executor/spawning.mjs';
import { measureWorktrees } from '../executor/worktrees.mjs';
import { createProject } from '../project.mjs';

export const suite = {
  name: 'executor',
  title: 'executing tasks, against just spawning, git, bare SQLite and plainjob',

  async figures({ reps, folder, say }) {
    const project = await createProject(folder);
    const box = await createSignalbox(project);
    try {
      await registerAI(box.executor, box.actor, { id: 'shell', connector: 'command' });
      say('executing `true` …');
      const execution = await measureExecution(reps, box, project);
      say('governed attempts and cycles …');
      const attempts = await measureAttempts(reps, folder, box);
      const cycles = await measureGovernedCycle(reps, folder, box);
      say('spawning …');
      const spawning = await measureSpawning(reps, say);
      say('output …');
      const output = await measureCapture(reps, folder);
      const worktrees = await measureWorktrees(reps, folder, say);
      say('memory, 1,000 attempts …');
      const memory = await measureMemory(join(folder, 'memory'), say);
      return [...execution, ...attempts, ...cycles, ...spawning, ...output, ...worktrees, ...memory];
    } finally {
      await box.close();
    }
  },
};
