import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSignalbox, executeTask, registerAI } from '@signalbox/runtime';
import { measurePairs } from '../measure.mjs';
import { createProject, timeProcess } from '../project.mjs';
import { figureAbove } from './above.mjs';
import { governedSteps } from './governed.mjs';

const FOLDER_FILES = 100;
// A repetition is a whole attempt, in which all files are also looked through.
const MAX_REPS = 7;

/** How long an attempt waits for its worktree, from the choice of the AI on, against git alone. */
export async function measureWorktrees(reps, folder, say) {
  const figures = [];
  for (const files of [20, 5_000]) {
    say(`worktrees of ${files} files …`);
    const place = join(folder, `files-${files}`);
    const { root, environment } = await createProject(place);
    addFiles(root, environment, files);
    const box = await createSignalbox({ root, environment });
    try {
      await registerAI(box.executor, box.actor, { id: 'shell', connector: 'command' });
      const pairs = await measurePairs(
        Math.min(reps, MAX_REPS),
        () => addBare(root, environment, join(place, 'bare')),
        () => setUp(box),
      );
      figures.push(figureAbove(`worktree of ${files} files, against git worktree add`, pairs));
    } finally {
      await box.close();
    }
  }
  return figures;
}

function addFiles(root, environment, count) {
  for (let n = 0; n < count; n++) {
    const folder = join(root, 'src', `part${Math.floor(n / FOLDER_FILES)}`);
    if (n % FOLDER_FILES === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file${n}.txt`), `${n}\n`.repeat(50));
  }
  const git = (...args) => execFileSync('git', args, { cwd: root, env: environment, stdio: 'ignore' });
  git('add', '--all');
  git('commit', '--quiet', '--message=Files');
}

async function addBare(root, env, path) {
  const took = await timeProcess('git', ['worktree', 'add', '--quiet', '-B', 'bench', path], { cwd: root, env });
  execFileSync('git', ['worktree', 'remove', '--force', path], { cwd: root, env, stdio: 'ignore' });
  return took;
}

async function setUp(box) {
  const { id } = await governedSteps(box).create({ title: 'Nothing', run: { argv: ['true'] } });
  const at = {};
  const progress = ({ step }) => {
    at[step] ??= performance.now();
  };
  const { task } = await executeTask(box.executor, { actor: box.actor, task: id, progress });
  if (at.workspace === undefined) throw new Error(`the task ended ${task.status} without a workspace`);
  return at.workspace - at.routed;
}
