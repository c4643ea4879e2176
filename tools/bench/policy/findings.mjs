import { findPolicyConflicts } from '@signalbox/policy/findings';
import { timeFigure } from '../figures.mjs';
import { measureAlone, timed } from '../measure.mjs';
import { load, writeRules } from './rules.mjs';

const RULES = 400;
// Seconds each: fewer repetitions tell as much.
const MAX_REPS = 3;

/** Looks for conflicts among many rules. */
export async function measureFindings(reps, folder) {
  const policy = load(writeRules(RULES).yaml, folder);
  const values = await measureAlone(Math.min(reps, MAX_REPS), () =>
    timed(() => {
      const { unknown } = findPolicyConflicts(policy, { now: Date.now() });
      if (unknown.length > 0) throw new Error(`${unknown.length} rules were not decided: ${unknown[0].reason}`);
    }),
  );
  return [timeFigure(`check ${RULES} rules for conflicts`, values, { bound: 5_000 })];
}
