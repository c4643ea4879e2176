import { median } from './measure.mjs';

/**
 * One number, with what it was made of.
 *
 * @typedef {object} Figure
 * @property {string} name
 * @property {number} value
 * @property {string} unit `x` for a ratio.
 * @property {number | null} baseline Median of the baseline, in `measuredIn`; null if there is nothing to compare with.
 * @property {number | null} bound
 * @property {boolean | null} ok Whether the value keeps to the bound; null without one.
 * @property {'lower' | 'higher'} better The bound is the highest, or the lowest, value that keeps to it.
 * @property {number} subject Median of what was measured, in `measuredIn`.
 * @property {string} measuredIn
 * @property {[number, number]} range The least and the greatest value of a repetition.
 */

/** How much longer the subject takes than the baseline, in milliseconds. @returns {Figure} */
export function differenceFigure(name, pairs, { bound = null } = {}) {
  const values = pairs.map(({ baseline, subject }) => subject - baseline);
  return figure({ name, values, unit: 'ms', bound, better: 'lower', pairs, measuredIn: 'ms' });
}

/** How many times longer the subject takes than the baseline. Measures are in milliseconds. @returns {Figure} */
export function timeRatioFigure(name, pairs, { bound = null, measuredIn = 'ms' } = {}) {
  const scaled = pairs.map((pair) => convert(pair, (ms) => fromMilliseconds(ms, measuredIn)));
  const values = pairs.map(({ baseline, subject }) => subject / baseline);
  return figure({ name, values, unit: 'x', bound, better: 'lower', pairs: scaled, measuredIn });
}

/** The rate of the subject as a part of the baseline's. Measures are in milliseconds for one `what`. @returns {Figure} */
export function rateRatioFigure(name, pairs, { bound = null, what }) {
  const rates = pairs.map((pair) => convert(pair, (ms) => 1000 / ms));
  const values = rates.map(({ baseline, subject }) => subject / baseline);
  return figure({ name, values, unit: 'x', bound, better: 'higher', pairs: rates, measuredIn: `${what}/s` });
}

/** Just how long it takes. `values` are in milliseconds. @returns {Figure} */
export function timeFigure(name, values, { bound = null, unit = 'ms' } = {}) {
  const scaled = values.map((ms) => fromMilliseconds(ms, unit));
  return figure({ name, values: scaled, unit, bound, better: 'lower', pairs: null, measuredIn: unit });
}

function figure({ name, values, unit, bound, better, pairs, measuredIn }) {
  const value = median(values);
  const isKept = better === 'lower' ? value <= bound : value >= bound;
  return {
    name,
    value: rounded(value),
    unit,
    baseline: pairs && rounded(median(pairs.map((pair) => pair.baseline))),
    bound,
    ok: bound === null ? null : isKept,
    better,
    subject: pairs ? rounded(median(pairs.map((pair) => pair.subject))) : rounded(value),
    measuredIn,
    range: [rounded(Math.min(...values)), rounded(Math.max(...values))],
  };
}

function convert({ baseline, subject }, change) {
  return { baseline: change(baseline), subject: change(subject) };
}

function fromMilliseconds(ms, unit) {
  return unit === 'µs' ? ms * 1000 : ms;
}

/** Four significant digits: more would claim a precision that no machine has. */
function rounded(value) {
  return Number(value.toPrecision(4));
}
