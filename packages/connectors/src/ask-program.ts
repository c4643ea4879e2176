import type { Clock } from '@signalbox/kernel';

/** What a program said to a question. */
export interface ProgramAnswer {
  /** It ran to its end in time, and exited with 0. */
  ended: boolean;
  /** Both outputs, one after the other. */
  text: string;
}

export interface ProgramQuestion {
  /** Complete: nothing of our own environment is added. */
  environment: Readonly<Record<string, string>>;
  clock: Clock;
  /** Milliseconds, after which it is killed. */
  timeoutMs: number;
  cwd?: string;
}

/** More than a version or a fault has; what a wrong program prints beyond it is not kept. */
const MOST_CHARACTERS = 100_000;

/** Runs a program for its word: a version, whether something works. Its input is empty. Never rejects. */
export async function askProgram(
  program: string,
  args: readonly string[],
  { environment, clock, timeoutMs, cwd }: ProgramQuestion,
): Promise<ProgramAnswer> {
  const late = new AbortController();
  const cancel = clock.after(timeoutMs, () => late.abort());
  // Not on the path of commands that ask nothing.
  const { execa } = await import('execa');
  const { failed, stdout, stderr } = await execa(program, args, {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    maxBuffer: MOST_CHARACTERS,
    cancelSignal: late.signal,
    forceKillAfterDelay: false,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  cancel();
  return { ended: !failed, text: `${stdout ?? ''}\n${stderr ?? ''}` };
}
