import type { Choice, Ranked } from './choose.js';

/**
 * One line for each candidate, best first: its score and what it is made of, or all that speaks against it. Those that a pin to
 * another removes share a line, the last.
 */
export function describeChoice(choice: Choice): string[] {
  const pinned = choice.ranking.filter(isPinnedAway);
  const lines = choice.ranking
    .filter((ranked) => !isPinnedAway(ranked))
    .map((ranked) => `${ranked.ai}: ${describe(ranked, choice.chosen?.id === ranked.ai)}`);
  const [first] = pinned;
  if (first) lines.push(`${pinned.map(({ ai }) => ai).join(', ')}: ${describe(first, false)}`);
  return lines.map(oneLine);
}

/** A pin stands alone, and says the same of each. */
function isPinnedAway(ranked: Ranked): boolean {
  return ranked.removed !== null && ranked.reasons[0]?.kind === 'pin';
}

function describe(ranked: Ranked, isChosen: boolean): string {
  if (ranked.removed !== null) return joined(ranked.reasons.map(({ message }) => message));
  const { labels, load, success, cost } = ranked.parts;
  const used = ranked.lastUsed === null ? 'never used' : `last used ${ranked.lastUsed}`;
  const score = `score ${round(ranked.score)} (labels in common ${labels}, free capacity ${round(load)}, success ${round(success)}, cost ${round(cost)})`;
  return `${isChosen ? 'chosen, ' : ''}${score}, ${used}`;
}

/** Clauses after semicolons, unless one is a sentence: then all are. */
function joined(messages: readonly string[]): string {
  if (!messages.some((message) => /[.!?](\s|$)/.test(message))) return `removed, ${messages.join('; ')}`;
  const sentences = messages.map((message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}`);
  return `removed. ${sentences.map((each) => (/[.!?]$/.test(each) ? each : `${each}.`)).join(' ')}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Reasons are other people's words: no line of theirs may look like one of ours, or move the cursor. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, ' ').trim();
}
