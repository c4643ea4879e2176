import { initialPolicyYaml } from '@signalbox/policy';
import { timeFigure } from '../figures.mjs';
import { measureAlone, timedEach } from '../measure.mjs';
import { load } from './rules.mjs';

const LOADS = 5;

/** Loads the policy that init writes. */
export async function measureLoading(reps, folder) {
  const text = initialPolicyYaml({ name: 'bench', testCommands: [['npm', 'test']] });
  // What a process has compiled once it keeps, so each first load needs a text of its own.
  let texts = 0;
  const first = await measureAlone(reps, () => timedEach(LOADS, () => load(`${text}# ${++texts}\n`, folder)));
  const later = await measureAlone(reps, () => timedEach(LOADS, () => load(text, folder)));
  return [
    timeFigure('load the policy of init, with its own tests', first),
    timeFigure('load the same text again', later, { unit: 'µs' }),
  ];
}
