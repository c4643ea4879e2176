import { literalWord, type ShellWord, unknownWord } from './line.js';
import { baseName, OTHER_SHELLS, POSIX_SHELLS } from './programs.js';
import { splitByEnv, unwrapEval, unwrapShell, unwrapTrap } from './scripts.js';
import type { Unwrapped } from './unwrapped.js';
import { isSensitiveVariable } from './variables.js';

interface Wrapper {
  /** Options that stand alone. */
  readonly flags?: RegExp;
  /** Options whose value is the next word. */
  readonly valued?: RegExp;
  /** Words between the options and the program (`timeout 5 …`). */
  readonly operands?: number;
  /** `A=b` words may stand before the program. */
  readonly assignments?: boolean;
  /** More words are added at run time, or take the place of a text in the words. */
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
  // With -p it is looked up elsewhere than where its file was looked for.
  command: { inert: /^-p?[vV]$/ },
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
  if (POSIX_SHELLS.has(name)) return unwrapShell(name, words);
  if (OTHER_SHELLS.has(name)) return { kind: 'opaque', why: `${name} scripts are not understood` };
  if (name === 'eval') return unwrapEval(words);
  if (name === 'trap') return unwrapTrap(words);
  if (name === 'find') return unwrapFind(words);
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  return wrapper ? unwrapProgram(name, wrapper, words) : { kind: 'none' };
}

function unwrapProgram(name: string, wrapper: Wrapper, words: readonly ShellWord[]): Unwrapped {
  let at = 1;
  let why: string | undefined;
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const assigned = wrapper.assignments ? ASSIGNMENT.exec(word.value ?? word.prefix)?.[1] : undefined;
    if (assigned) {
      if (isSensitiveVariable(assigned)) why = `${name} sets ${assigned}`;
      continue;
    }
    const option = word.value;
    if (option === null || !option.startsWith('-') || option === '--') break;
    if (wrapper.inert?.test(option)) return { kind: 'none' };
    const split = name === 'env' ? splitByEnv(words, at) : null;
    if (split) return split;
    if (wrapper.valued?.test(option)) at++;
    // It may take the next word with it, so what it starts is a guess: good enough to deny, never to allow.
    else if (!wrapper.flags?.test(option)) why = `${name} ${option} is not understood`;
    const removed = name === 'env' ? removedByEnv(option, words[at]) : null;
    if (removed !== null && isSensitiveVariable(removed)) why = `${name} unsets ${removed}`;
  }
  const replaced = wrapper.appends ? replacedByXargs(words.slice(1, at)) : [];
  if (words[at]?.value === '--') at++;
  at += wrapper.operands ?? 0;
  const inner = words.slice(at);
  if (inner.length === 0) {
    if (wrapper.appends) return startOf([literalWord('echo')], wrapper, replaced, why);
    return why ? { kind: 'opaque', why } : { kind: 'none' };
  }
  return startOf(inner, wrapper, replaced, why);
}

function startOf(
  inner: readonly ShellWord[],
  wrapper: Wrapper,
  replaced: readonly string[],
  why: string | undefined,
): Unwrapped {
  const isReplaced = (word: ShellWord) => replaced.some((text) => word.text.includes(text));
  const words = inner.map((word) => (isReplaced(word) ? unknownWord(word.text) : word));
  if (wrapper.appends) words.push(unknownWord('<standard input>'));
  return { kind: 'commands', commands: [words], transparent: !wrapper.privileged && !why, ...(why ? { why } : {}) };
}

function removedByEnv(option: string, value: ShellWord | undefined): string | null {
  const unset = /^(?:-u|--unset=?)(.*)$/.exec(option)?.[1];
  return unset === undefined ? null : unset || (value?.value ?? 'PATH');
}

/** The texts that `xargs -I text` replaces by what it reads; `{}` where it is left to the default. */
function replacedByXargs(options: readonly ShellWord[]): string[] {
  return options.flatMap(({ text }, index) => {
    const given = /^(?:-[0rtx]*[Ii]|--replace(?:=|$))(.*)$/.exec(text)?.[1];
    return given === undefined ? [] : [given || (options[index + 1]?.value ?? '{}'), '{}'];
  });
}

function unwrapFind(words: readonly ShellWord[]): Unwrapped {
  const commands: ShellWord[][] = [];
  let current: ShellWord[] | null = null;
  for (const word of words) {
    if (current && (word.value === ';' || word.value === '+')) current = null;
    else if (current) current.push(word.value?.includes('{}') ? unknownWord(word.text) : word);
    else if (/^-(?:exec|execdir|ok|okdir)$/.test(word.value ?? '')) {
      current = [];
      commands.push(current);
    }
  }
  const started = commands.filter((command) => command.length > 0);
  if (started.length === 0) return { kind: 'none' };
  return { kind: 'commands', commands: started, transparent: false, why: 'find starts a program' };
}
