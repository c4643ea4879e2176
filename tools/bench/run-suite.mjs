import { say } from '../lib/run.mjs';
import { withScratch } from './scratch.mjs';

/**
 * A group of figures, in `suites/<name>.mjs`.
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} title
 * @property {(run: SuiteRun) => Promise<import('./figures.mjs').Figure[]>} figures
 *
 * @typedef {object} SuiteRun
 * @property {number} reps How often to measure.
 * @property {string} folder Empty; removed after the suite.
 * @property {(text: string) => void} say Says what goes on.
 */

/** @param {Suite} suite */
export function runSuite(suite, reps) {
  say(`\n${suite.name}: ${suite.title} …`);
  return withScratch((folder) => suite.figures({ reps, folder, say: (text) => say(`  ${text}`) }));
}
