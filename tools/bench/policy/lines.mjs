import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide, evaluateRequest, initialPolicyYaml } from '@signalbox/policy';
import { timeFigure } from '../figures.mjs';
import { measureAlone, timedEach } from '../measure.mjs';
import { HOSTILE_LINES, HOSTILE_PATTERNS } from './hostile.mjs';
import { load } from './rules.mjs';

const LINES = 200;
// Until V8 has compiled it, which takes some 8,000 lines: a process that decides often is what is asked about.
const WARM_UP = 10_000;
const LINE = 'git status && git diff --stat | head -20';
const WRITE_LINE = 'timeout 60 npm test -- src/a.test.ts 2>&1 | tee -a out.log > src/log.txt';

const requestOf = (action, resource = {}) => ({
  subject: { kind: 'ai', id: 'bench' },
  action,
  resource,
  context: { headless: true, ci: false, task: { id: 'tsk_1', type: 'feature', labels: {}, locks: ['src/**'] } },
});

/** Shell lines under the policy that init writes, and lines and patterns made to take long. */
export async function measureLines(reps, folder) {
  const text = initialPolicyYaml({ name: 'bench', testCommands: [['npm', 'test']] });
  const root = join(folder, 'project');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
  const given = load(text, root);
  const real = load(text, root, {});
  const judge = (policy, command) => {
    const lines = (count) =>
      timedEach(count, () => evaluateRequest(policy, requestOf({ name: 'shell.run', command }), Date.now()));
    lines(WARM_UP);
    return measureAlone(reps, () => lines(LINES));
  };
  const record = () =>
    measureAlone(reps, () =>
      timedEach(LINES, (n) =>
        decide(given, requestOf({ name: 'shell.run', command: LINE }), { id: `pdr_${n}`, time: Date.now() }),
      ),
    );
  return [
    timeFigure('judge a shell line of three programs', await judge(given, LINE), { unit: 'µs', bound: 100 }),
    timeFigure('the same, asking the file system', await judge(real, LINE), { unit: 'µs' }),
    timeFigure('the same with its whole record', await record(), { unit: 'µs' }),
    timeFigure('judge a line with a wrapper, pipes and redirects', await judge(given, WRITE_LINE), {
      unit: 'µs',
      bound: 100,
    }),
    timeFigure('the worst of the hostile lines', await measureAlone(reps, () => worstLine(given)), { bound: 50 }),
    timeFigure('the worst of the hostile patterns', await measureAlone(reps, () => worstPattern(root)), { bound: 50 }),
  ];
}

function worstLine(policy) {
  const times = HOSTILE_LINES.map((action) => {
    let decision;
    const time = timedEach(1, () => {
      ({ decision } = evaluateRequest(policy, requestOf({ name: 'shell.run', ...action }), Date.now()));
    });
    if (decision === 'allow') throw new Error('a hostile line was allowed');
    return time;
  });
  return Math.max(...times);
}

function worstPattern(root) {
  const times = HOSTILE_PATTERNS.map(({ rule, paths }) => {
    const policy = load(`version: 1\nscope: project\ndefault: allow\nrules:\n  - ${rule}\n`, root);
    return Math.max(
      ...paths.map((path) =>
        timedEach(1, () => evaluateRequest(policy, requestOf({ name: 'file.write' }, { path }), Date.now())),
      ),
    );
  });
  return Math.max(...times);
}
