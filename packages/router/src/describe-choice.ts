import type { Choice, Ranked } from './choose.js';

/** One line for each candidate, best first: its score and what it is made of, or all that speaks against it. */
export function describeChoice(choice: Choice): string[] {
  return choice.ranking.map((ranked) => oneLine(`${ranked.ai}: ${describe(ranked, choice.chosen?.id === ranked.ai)}`));
}

function describe(ranked: Ranked, isChosen: boolean): string {
  if (ranked.removed !== null) return `removed, ${ranked.reasons.map(({ message }) => message).join('; ')}`;
  const { labels, load, success, cost } = ranked.parts;
  const used = ranked.lastUsed === null ? 'never used' : `last used ${ranked.lastUsed}`;
  const score = `score ${round(ranked.score)} (labels in common ${labels}, free capacity ${round(load)}, success ${round(success)}, cost ${round(cost)})`;
  return `${isChosen ? 'chosen, ' : ''}${score}, ${used}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Reasons are other people's words: no line of theirs may look like one of ours, or move the cursor. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ').trim();
}
