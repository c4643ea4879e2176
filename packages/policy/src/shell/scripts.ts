import type { ShellWord } from './line.js';
import type { Unwrapped } from './unwrapped.js';

/** `bash -lc 'script'`: the letters are checked, the script is literal, and its own operands are only data to it. */
export function unwrapShell(name: string, words: readonly ShellWord[]): Unwrapped {
  let hasScript = false;
  let at = 1;
  for (; at < words.length; at++) {
    const option = words[at]?.value;
    if (option === null) return { kind: 'opaque', why: `an option of ${name} is dynamic` };
    if (option === undefined || !/^[-+]/.test(option) || option === '--') break;
    if (!/^-[celuxvnf]*o?[celuxvnf]*$/.test(option) || option === '-') {
      return { kind: 'opaque', why: `${name} ${option} is not understood` };
    }
    if (option.includes('c')) hasScript = true;
    if (option.includes('o')) at++;
  }
  if (words[at]?.value === '--') at++;
  if (!hasScript) return { kind: 'opaque', why: `${name} runs a script that is not on the command line` };
  const source = words[at]?.value;
  if (source === undefined || source === null) return { kind: 'opaque', why: `the script of ${name} -c is dynamic` };
  return { kind: 'script', source, dialect: name === 'bash' ? 'bash' : 'posix', transparent: true };
}

export function unwrapEval(words: readonly ShellWord[]): Unwrapped {
  return scriptOf(words.slice(1), 'eval is not understood');
}

export function unwrapTrap(words: readonly ShellWord[]): Unwrapped {
  const at = words[1]?.value === '--' ? 2 : 1;
  return scriptOf(words.slice(at, at + 1), 'trap runs a script later');
}

/** `env -S 'words'`, alone or at the end of a cluster, splits a text into words, much as a shell does. */
export function splitByEnv(words: readonly ShellWord[], at: number): Unwrapped | null {
  const option = words[at]?.value ?? '';
  const given = /^(?:-[iv0]*S|--split-string=?)(.*)$/s.exec(option)?.[1];
  if (given === undefined) return null;
  const next = words.slice(at + 1);
  const first = words[at];
  return scriptOf(given && first ? [{ ...first, value: given }, ...next] : next, 'env -S is not understood');
}

/** A script that is never allowed, but denied where it holds what is. */
function scriptOf(words: readonly ShellWord[], why: string): Unwrapped {
  const texts = words.map((word) => word.value);
  if (texts.length === 0 || texts.includes(null)) return { kind: 'opaque', why };
  return { kind: 'script', source: texts.join(' '), dialect: 'bash', transparent: false, why };
}
