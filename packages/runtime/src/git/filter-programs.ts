import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { findProgram, isProgram, liesInAny } from './program-path.js';

export interface FilterPlaces {
  /** The user's own PATH. */
  path: string;
  /** The top of the user's checkout. */
  checkout: string;
  /** All folders whose files an agent may have written, the checkout among them. */
  trees: readonly string[];
}

// A blank ends a word; everything else that means something to the shell could hide what is run.
const PLAIN_WORD = /^[\w.:=,@%+/-]+$/;

/** Programs whose work is to run what they are pointed to, or what lies in the folder that they are started in. */
const RUNNERS = new Set(
  `ash bash busybox dash fish ksh sh tcsh zsh awk gawk mawk bun deno go java lua node nodejs perl php pwsh python ruby tsx ts-node
  bundle cargo composer gradle just make gmake mvn npm npx pipenv pnpm pnpx poetry rake task uv uvx yarn yarnpkg
  biome black eslint prettier rubocop standard
  chronic command direnv docker doas env eval exec find flock ionice mise nice nix nix-shell nohup parallel podman setsid ssh stdbuf
  sudo timeout watch xargs`.split(/\s+/),
);

/**
 * Whether a line of `filter.*` may be run where an agent has written the files. Git runs it outside of every sandbox and with that
 * folder as its own, so nothing in it may come from there: it is the plain name of a program on PATH, or an absolute one, outside of
 * the trees, with plain arguments that name no file of the checkout.
 */
export function isUsableFilter(line: string, places: FilterPlaces): boolean {
  return filterFault(line, places) === null;
}

/** Why it may not be, or cannot be, run; null if it may. As the end of a sentence about the line. */
export function filterFault(line: string, places: FilterPlaces): string | null {
  const [name = '', ...rest] = line.trim().split(/[ \t]+/);
  if (![name, ...rest].every((word) => PLAIN_WORD.test(word)) || name.includes('='))
    return 'is not a program with plain words as arguments';
  const program = programOf(name, places.path);
  if (program === null)
    return name.includes('/') && !isAbsolute(name)
      ? 'names its program by a relative path'
      : `has a program that is not installed (${name})`;
  if (liesInAny(program, places.trees)) return 'has a program that lies in the repository';
  if (runsOthers(name)) return `has a program that runs others (${name})`;
  const named = rest.find((word) => namesFile(word, places));
  return named === undefined ? null : `names a file of the repository (${named})`;
}

/** Only the user's checkout is asked for files: what an agent writes must not decide whether a filter holds. */
function namesFile(word: string, { checkout, trees }: FilterPlaces): boolean {
  if (isAbsolute(word)) return liesInAny(word, trees);
  if (word.includes('/') || word === '..') return true;
  return [word, word.slice(word.indexOf('=') + 1)].some(
    (name) => name !== '' && statSync(join(checkout, name), { throwIfNoEntry: false })?.isFile() === true,
  );
}

function programOf(name: string, path: string): string | null {
  if (isAbsolute(name)) return isProgram(name) ? name : null;
  return name.includes('/') ? null : findProgram(name, path);
}

/** `python3.12` is `python`. */
function runsOthers(name: string): boolean {
  return RUNNERS.has((name.split('/').at(-1) ?? '').toLowerCase().replace(/[\d.-]+$/, ''));
}
