import type { ProbeReport } from './contract.js';

export interface LookedFor {
  /** As configured: a name, or an absolute path. */
  name: string;
  /** Where it is; null if nowhere. */
  program: string | null;
  /** Null if it did not tell. */
  version: string | null;
  /** The line that installs it. */
  install: string;
}

/** What keeps a program from being used at all: it is not there, or does not tell what it is. */
export function programProblems({ name, program, version, install }: LookedFor): ProbeReport['problems'] {
  if (!program) {
    const hint = `Run \`${install}\`, or give its absolute path as "program".`;
    return [{ message: `The program ${name} was not found.`, hint }];
  }
  if (version !== null) return [];
  return [{ message: `${program} did not tell its version.`, hint: `Try \`${program} --version\`.` }];
}

/** The version that the answer to `--version` names; null if it names none. */
export function versionIn(text: string): string | null {
  return /\d+\.\d+\.\d+\S*/.exec(text)?.[0] ?? null;
}
