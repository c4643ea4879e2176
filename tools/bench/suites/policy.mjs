import { decide, initialPolicyYaml, loadPolicy } from '@signalbox/policy';
import { timeFigure } from '../figures.mjs';
import { measureAlone, timedEach } from '../measure.mjs';

const DECISIONS = 500;
const LOADS = 5;
const LINE = 'git status && git diff --stat | head -20';

export const suite = {
  name: 'policy',
  title: 'the policy that init writes',

  async figures({ reps, folder, say }) {
    const text = initialPolicyYaml({ name: 'bench', testCommands: [['npm', 'test']] });
    const load = (written) => {
      const source = { scope: 'project', path: '.ai/policy.yaml', text: written, trusted: true };
      return loadPolicy([source], { now: Date.now(), workspace: folder });
    };
    const policy = load(text);
    const decideOne = (n, action, resource) => {
      const request = {
        subject: { kind: 'ai', id: 'bench' },
        action,
        resource,
        context: { headless: true, ci: false, task: { id: 'tsk_1', type: 'feature', labels: {}, locks: ['src/**'] } },
      };
      const { decision, reason } = decide(policy, request, { id: `pdr_${n}`, time: Date.now() });
      if (decision !== 'allow') throw new Error(`the policy says ${decision}: ${reason}`);
    };
    const decisions = (action, resource = {}) =>
      measureAlone(reps, () => timedEach(DECISIONS, (n) => decideOne(n, action, resource)));

    say('deciding …');
    const writes = await decisions({ name: 'file.write' }, { path: 'src/index.ts' });
    const lines = await decisions({ name: 'shell.run', command: LINE });
    say('loading …');
    // What a process has compiled once it keeps, so each first load needs a text of its own.
    let texts = 0;
    const firstLoads = await measureAlone(reps, () => timedEach(LOADS, () => load(`${text}# ${++texts}\n`)));
    const laterLoads = await measureAlone(reps, () => timedEach(LOADS, () => load(text)));
    return [
      timeFigure('decide a file.write', writes, { unit: 'µs' }),
      timeFigure('decide a shell line of three programs', lines, { unit: 'µs' }),
      timeFigure('load, with its own tests', firstLoads),
      timeFigure('load the same text again', laterLoads, { unit: 'µs' }),
    ];
  },
};
