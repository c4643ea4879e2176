import { literalWord, type ShellWord, unknownWord } from './line.js';
import { baseName, OTHER_SHELLS, POSIX_SHELLS } from './programs.js';
import { isSensitiveVariable } from './variables.js';

/**
 * What a command that starts another program starts.
 *
 * `transparent`: the wrapper adds nothing that needs a rule of its own. `why`: it must be asked about all the same.
 */
export type Unwrapped =
  | { readonly kind: 'none' }
  | { readonly kind: 'opaque'; readonly why: string }
  | {
      readonly kind: 'command';
      readonly words: readonly ShellWord[];
      readonly transparent: boolean;
      readonly why?: string;
    }
  | { readonly kind: 'script'; readonly source: string; readonly transparent: boolean; readonly why?: string };

interface Wrapper {
  /** Options that stand alone. */
  readonly flags?: RegExp;
  /** Options whose value is the next word. */
  readonly valued?: RegExp;
  /** Words between the options and the program (`timeout 5 …`). */
  readonly operands?: number;
  /** `A=b` words may stand before the program. */
  readonly assignments?: boolean;
  /** More words are added at run time. */
  readonly appends?: boolean;
  /** Whoever it runs as is somebody else, so it needs a rule of its own. */
  readonly privileged?: boolean;
  /** Options with which nothing is started. */
  readonly inert?: RegExp;
}

const WRAPPERS: Record<string, Wrapper> = {
  timeout: {
    flags: /^(?:-v|--verbose|--foreground|--preserve-status|-[ks].+|--(?:kill-after|signal)=.*)$/,
    valued: /^-[ks]$|^--(?:kill-after|signal)$/,
    operands: 1,
  },
  nice: { flags: /^(?:-n?-?\d+|--adjustment=.*)$/, valued: /^(?:-n|--adjustment)$/ },
  nohup: {},
  setsid: { flags: /^(?:-[wcf]+|--wait|--ctty|--fork)$/ },
  stdbuf: { flags: /^(?:-[ioe].+|--(?:input|output|error)=.*)$/, valued: /^-[ioe]$/ },
  time: { flags: /^(?:-[pv]+|--portability|--verbose)$/ },
  ionice: { flags: /^(?:-[cn]\d+|-t)$/, valued: /^-[cn]$/ },
  env: { flags: /^(?:-|-i|--ignore-environment|-u.+|--unset=.*)$/, valued: /^(?:-u|--unset)$/, assignments: true },
  command: { flags: /^-p$/, inert: /^-p?[vV]$/ },
  builtin: {},
  exec: { flags: /^-[cl]+$/, valued: /^-a$/ },
  xargs: {
    flags:
      /^(?:-[0rtx]+|-[nPLsdIE].+|--(?:null|no-run-if-empty|verbose)|--(?:max-args|max-procs|max-lines|delimiter|replace)=.*)$/,
    valued: /^-[nPLsdIE]$|^--(?:max-args|max-procs|max-lines|delimiter)$/,
    appends: true,
  },
  sudo: { flags: /^-[EHnSkbP]+$/, valued: /^-[ugpCrt]$/, assignments: true, privileged: true },
  doas: { flags: /^-[n]+$/, valued: /^-[uC]$/, privileged: true },
  busybox: { privileged: true },
  toybox: { privileged: true },
};

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

/** Looks one level into a command that starts another. The first word must be literal. */
export function unwrap(words: readonly ShellWord[]): Unwrapped {
  const name = baseName(words[0]?.value ?? '');
  if (POSIX_SHELLS.has(name)) return unwrapShell(words);
  if (OTHER_SHELLS.has(name)) return { kind: 'opaque', why: `${name} scripts are not understood` };
  if (name === 'eval') return unwrapEval(words);
  if (name === 'find') return unwrapFind(words);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  return wrapper ? unwrapProgram(name, wrapper, words) : { kind: 'none' };
}

function unwrapProgram(name: string, wrapper: Wrapper, words: readonly ShellWord[]): Unwrapped {
  let at = 1;
  let sensitive: string | undefined;
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const assigned = wrapper.assignments ? ASSIGNMENT.exec(word.value ?? word.prefix)?.[1] : undefined;
    if (assigned) {
      if (isSensitiveVariable(assigned)) sensitive = assigned;
      continue;
    }
    const option = word.value;
    if (option === null || !option.startsWith('-') || option === '--') break;
    if (wrapper.inert?.test(option)) return { kind: 'none' };
    if (wrapper.valued?.test(option)) at++;
    else if (!wrapper.flags?.test(option)) return { kind: 'opaque', why: `${name} ${option} is not understood` };
    const unset = /^(?:-u|--unset=?)(.*)$/.exec(option)?.[1];
    const removed = name !== 'env' || unset === undefined ? undefined : unset || words[at]?.value || 'unknown';
    if (removed && isSensitiveVariable(removed)) sensitive = removed;
  }
  if (words[at]?.value === '--') at++;
  at += wrapper.operands ?? 0;
  const inner = words.slice(at);
  if (inner.length === 0) return wrapper.appends ? startOf([literalWord('echo')], wrapper) : { kind: 'none' };
  const why = sensitive ? `${name} sets ${sensitive}` : undefined;
  return startOf(inner, wrapper, why);
}

function startOf(inner: readonly ShellWord[], wrapper: Wrapper, why?: string): Unwrapped {
  const words = wrapper.appends ? [...inner, unknownWord('<standard input>')] : inner;
  return { kind: 'command', words, transparent: !wrapper.privileged, ...(why ? { why } : {}) };
}

/** `bash -lc 'script'`: the letters are checked, the script is literal, and its own operands are only data to it. */
function unwrapShell(words: readonly ShellWord[]): Unwrapped {
  const name = baseName(words[0]?.value ?? '');
  let hasScript = false;
  let at = 1;
  for (; at < words.length; at++) {
    const option = words[at]?.value;
    if (option === null) return { kind: 'opaque', why: `an option of ${name} is dynamic` };
    if (option === undefined || !/^[-+]/.test(option) || option === '--') break;
    if (!/^-[celuxvnfo]+$/.test(option)) return { kind: 'opaque', why: `${name} ${option} is not understood` };
    if (option.includes('c')) hasScript = true;
    if (option.includes('o')) at++;
  }
  if (words[at]?.value === '--') at++;
  if (!hasScript) return { kind: 'opaque', why: `${name} runs a script that is not on the command line` };
  const source = words[at]?.value;
  if (source === undefined || source === null) return { kind: 'opaque', why: `the script of ${name} -c is dynamic` };
  return { kind: 'script', source, transparent: true };
}

function unwrapEval(words: readonly ShellWord[]): Unwrapped {
  const why = 'eval is not understood';
  const operands = words.slice(1).map((word) => word.value);
  if (operands.includes(null)) return { kind: 'opaque', why };
  return { kind: 'script', source: operands.join(' '), transparent: false, why };
}

function unwrapFind(words: readonly ShellWord[]): Unwrapped {
  const start = words.findIndex((word) => /^-(?:exec|execdir|ok|okdir)$/.test(word.value ?? ''));
  if (start === -1) return { kind: 'none' };
  const length = words.slice(start + 1).findIndex((word) => word.value === ';' || word.value === '+');
  const inner = length === -1 ? words.slice(start + 1) : words.slice(start + 1, start + 1 + length);
  const found = inner.map((word) => (word.value?.includes('{}') ? unknownWord(word.text) : word));
  return { kind: 'command', words: found, transparent: false, why: 'find starts a program' };
}
