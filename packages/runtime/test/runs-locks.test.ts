import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { executeAll, executeTask, registerAI, type Signalbox } from '../src/index.js';
import type { Task } from '../src/project/index.js';
import { add, type Project, USER, withProject } from './support/bench.js';
import { FREE_FILES, LOCKED_FILES, type Plan, planTasks, specOf, writeAgent } from './support/runs-plan.js';
import { fillSeats } from './support/runs-seats.js';
import { countRuns, type Dice, withSeed } from './support/runs-seed.js';

/** Some 20 seconds on two cores, of which git takes the most. The whole run: SIGNALBOX_RUNS=200. */
const USUAL = 40;
const AIS = 4;
const SEATS = 2;
const LANES = 4;
const TIMEOUT_MS = 600_000;

interface Run {
  project: Project;
  plans: Plan[];
  tasks: Map<string, string>;
}

async function prepare(project: Project, dice: Dice): Promise<Run> {
  const plans = planTasks(countRuns(USUAL), dice);
  const shell = writeAgent(project.place, plans);
  const box = await project.open();
  for (let n = 0; n < AIS; n++) {
    await registerAI(box.executor, USER, { id: `w${n}`, connector: 'command', config: { shell }, maxConcurrent: 8 });
  }
  const tasks = new Map<string, string>();
  for (const plan of plans) {
    tasks.set(plan.name, (await add(box, specOf(plan, project.place, tasks, dice))).id);
  }
  // What the user has at hand and must find again: a change, a staged one, a new file, a stash.
  project.write('README.md', 'half an idea\n');
  project.git('stash');
  project.write('README.md', 'another idea\n');
  project.write('src/staged.txt', 'staged\n');
  project.git('add', 'src/staged.txt');
  project.write('notes.txt', 'notes\n');
  return { project, plans, tasks };
}

/** Executes what the killed and the dead have left, also what waits for a time. */
async function finish(box: Signalbox, plans: number): Promise<Task[]> {
  for (let round = 0; round < plans; round++) {
    await executeAll(box.executor, { actor: USER, concurrency: SEATS * LANES, onExecution: () => {} });
    const { tasks } = await box.tasks.list({ limit: 1_000 });
    const waiting = tasks.filter(({ status, notBefore }) => status === 'queued' && notBefore !== null);
    if (waiting.length === 0) return tasks;
    // Those that are named do not wait; two of them can want the same paths.
    for (const { id } of waiting) await executeTask(box.executor, { actor: USER, task: id });
  }
  throw new Error('the run does not come to an end');
}

/** Everything of the user's: each file that is not ours, the index, the branch, the stash. */
function checkoutOf(project: Project): unknown {
  const files = project.git('ls-files', '--cached', '--others', '--exclude-standard').split('\n');
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(project.root, path)))
      .digest('hex');
  return {
    files: files.map((path) => [path, hash(path)]),
    index: hash('.git/index'),
    head: readFileSync(join(project.root, '.git/HEAD'), 'utf8'),
    branches: project.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads/main', 'refs/stash'),
  };
}

/** Each name once in each file that it was to be in, and nothing else there. */
function expectEachOnce({ project, plans }: Run): void {
  for (const file of [...LOCKED_FILES, ...FREE_FILES]) {
    const lines = project.git('show', `signalbox/integration:${file}`).split('\n').filter(Boolean);
    const wanted = plans.filter(({ writes }) => writes.includes(file)).map(({ name }) => name);
    expect([file, lines.sort()]).toEqual([file, wanted.sort()]);
  }
  expect(project.git('diff', '--name-only', 'main', 'signalbox/integration', '--', ':!data', ':!free')).toBe('');
}

function expectChecksPass({ project, plans }: Run): void {
  const tip = join(project.place, 'tip');
  project.git('worktree', 'add', '-q', '--detach', tip, 'signalbox/integration');
  const all = `for name in ${plans.map(({ name }) => name).join(' ')}; do sh ${project.place}/check.sh $name || exit 1; done`;
  execFileSync('sh', ['-c', all], { cwd: tip, env: project.environment });
  project.git('worktree', 'remove', tip);
}

/** Whom an agent met in its files had lost its lease before: by the record, no two attempts held one file at once. */
async function expectNoMeeting(box: Signalbox, { project, plans, tasks }: Run): Promise<void> {
  const attempts = (await Promise.all([...tasks.values()].map((id) => box.tasks.attempts(id)))).flat();
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const notes = readFileSync(join(project.place, 'notes'), 'utf8').split('\n').filter(Boolean);
  for (const note of notes) {
    const [me = '', what, other = ''] = note.split(' ');
    expect([note, what]).toEqual([note, 'met']);
    const [mine, theirs] = [byId.get(me), byId.get(other)];
    expect([note, Date.parse(theirs?.finishedAt ?? '') <= Date.parse(mine?.startedAt ?? '')]).toEqual([note, true]);
  }
  // Two that had written one file side by side would have conflicted when the second landed.
  const locked = new Set(plans.filter(({ isLocked }) => isLocked).map(({ name }) => tasks.get(name)));
  const failed = attempts.filter(({ task, failure }) => locked.has(task) && failure?.class === 'checks_failed');
  expect(failed).toEqual([]);
}

describe('many tasks with locks on one repository', () => {
  it(
    'land once each, whoever is killed, and never two in one file at once',
    () =>
      withSeed((dice) => {
        const files = Object.fromEntries([...LOCKED_FILES, ...FREE_FILES].map((path) => [path, '']));
        return withProject({ files: { 'README.md': '# x\n', ...files } }, async (project) => {
          const run = await prepare(project, dice);
          const checkout = checkoutOf(project);
          const kills = Math.ceil(run.plans.length / 20);
          const killed = await fillSeats(project, dice, { seats: SEATS, concurrency: LANES, kills });
          expect(killed).not.toEqual([]);
          const box = await project.open();
          const tasks = await finish(box, run.plans.length);
          expect(tasks.map(({ title, status }) => `${title} ${status}`)).toEqual(
            tasks.map(({ title }) => `${title} done`),
          );
          expect(tasks).toHaveLength(run.plans.length);
          expectEachOnce(run);
          expectChecksPass(run);
          await expectNoMeeting(box, run);
          expect(checkoutOf(project)).toEqual(checkout);
          expect(await box.ledger.verify()).toMatchObject({ ok: true });
        });
      }),
    TIMEOUT_MS,
  );
});
