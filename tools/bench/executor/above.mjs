import { timeRatioFigure } from '../figures.mjs';

const RATIO = 1.05;
const ABOVE_MS = 5;

/** A ratio that may be 1.05 and 5 ms: the bound as a ratio follows from the baseline. @returns {import('../figures.mjs').Figure} */
export function figureAbove(name, pairs) {
  const { baseline } = timeRatioFigure(name, pairs);
  return timeRatioFigure(name, pairs, { bound: Number((RATIO + ABOVE_MS / baseline).toPrecision(3)) });
}
