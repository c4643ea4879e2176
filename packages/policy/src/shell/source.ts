import {
  MAX_EXPANSIONS,
  MAX_HERE_DOCUMENTS,
  MAX_LINE_LENGTH,
  MAX_RUNS,
  MAX_SEPARATORS,
  MAX_SYNTAX_CHARACTERS,
} from './limits.js';

const PLAIN = /^[\t\n\x20-\x7e]*$/;

// What a terminal hides, reorders or shows as an ordinary blank.
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
// U+FE0F after a pictograph only makes that coloured.
const COLOURED = /(?<=\p{Extended_Pictographic})\ufe0f/gu;

/** Why a script should not even be parsed, in a phrase; `null` if nothing is against it. Linear in its length. */
export function refuseSource(source: string): string | null {
  if (source.length > MAX_LINE_LENGTH) return 'the line is longer than 64 KiB';
  if (!PLAIN.test(source) && HIDDEN.test(source.replace(COLOURED, ''))) return 'the line has hidden characters';
  // What bash makes of it depends on where it reads from.
  if (source.endsWith('\\')) return 'the line ends with a backslash';
  return isTooIntricate(source) ? 'the line is too intricate' : null;
}

function isTooIntricate(source: string): boolean {
  // A short line cannot be.
  if (source.length <= MAX_HERE_DOCUMENTS) return false;
  let [syntax, separators, expansions, hereDocuments, runs] = [0, 0, 0, 0, 0];
  let wasBlank = true;
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    const isBlank = code <= 0x20;
    if (wasBlank && !isBlank) runs++;
    wasBlank = isBlank;
    if (code >= 0x80 || SYNTAX[code] === 0) continue;
    syntax++;
    if (code === SEMICOLON || code === AMPERSAND || code === BAR) separators++;
    if (code === DOLLAR || code === BACKQUOTE) expansions++;
    if (code === LESS && source.charCodeAt(at + 1) === LESS) hereDocuments++;
  }
  return (
    runs > MAX_RUNS ||
    syntax > MAX_SYNTAX_CHARACTERS ||
    separators > MAX_SEPARATORS ||
    expansions > MAX_EXPANSIONS ||
    hereDocuments > MAX_HERE_DOCUMENTS
  );
}

const DOLLAR = 0x24;
const AMPERSAND = 0x26;
const SEMICOLON = 0x3b;
const BAR = 0x7c;
const BACKQUOTE = 0x60;
const LESS = 0x3c;
const SYNTAX = new Uint8Array(0x80);
for (const char of '$`(){}<>;&|\'"\\') SYNTAX[char.charCodeAt(0)] = 1;

// What a POSIX shell such as dash reads otherwise than bash: `$'\'; x #'` is one word in bash and starts x in dash, and
// `[[ a > b ]]` writes b there.
const BASH_ONLY = /\$['"]|\[\[|\(\(|\|&|&>|<<<|\+=|[<>]\(|(?:^|[\s;&|({!`])(?:time|function|select|coproc)\s/;

/** Whether every POSIX shell reads the script as bash does. */
export function isPosixScript(source: string): boolean {
  return !BASH_ONLY.test(source);
}
