/**
 * All matches of a global pattern, none of them empty. As `matchAll`, which makes a copy of the pattern each time: on the short
 * texts of a decision that took longer than the search.
 */
export function matchesOf(pattern: RegExp, text: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) matches.push(match);
  return matches;
}
