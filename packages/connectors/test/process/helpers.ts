import { randomBytes } from 'node:crypto';
import { createFakeClock, createTempDir, type FakeClock, type TempDir } from '@signalbox/testkit';
import {
  createProcessRunner,
  type OutputLine,
  type ProcessRunner,
  type ProcessRunnerOptions,
  type RunningProcess,
} from '../../src/index.js';

export interface Bench {
  clock: FakeClock;
  runner: ProcessRunner;
  dir: TempDir;
  /** What every child of the test needs. */
  base: { cwd: string; environment: Record<string, string>; marker: { attempt: string; ai: string } };
}

/** A marker that no other test uses. */
export const newAttempt = (): string => `att_${randomBytes(8).toString('hex')}`;

export const plainEnvironment = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '/usr/bin:/bin' });

type RunnerUse = Pick<ProcessRunnerOptions, 'supervisor' | 'helper'>;

/** Every way to start a child: what holds for one holds for the other. */
export const WAYS: readonly { way: string; use: RunnerUse }[] = [
  { way: 'started by this process', use: { supervisor: false, helper: 'never' } },
  { way: 'started by the helper', use: { supervisor: false, helper: 'always' } },
];

/** Gives a test a runner on a fake clock and a folder, and takes both away. */
export async function withBench(
  test: (bench: Bench) => Promise<void>,
  use: RunnerUse = { supervisor: false },
): Promise<void> {
  const clock = createFakeClock();
  const dir = createTempDir();
  const runner = createProcessRunner({ clock, ...use });
  const base = { cwd: dir.path, environment: plainEnvironment(), marker: { attempt: newAttempt(), ai: 'fake' } };
  try {
    await test({ clock, runner, dir, base });
  } finally {
    const closing = runner.close();
    await clock.advance(10_000);
    await closing;
    dir.remove();
  }
}

export async function allLines(child: RunningProcess): Promise<OutputLine[]> {
  const lines: OutputLine[] = [];
  for await (const line of child.lines()) lines.push(line);
  return lines;
}

/** Reads lines until one matches; the rest of them is left unread. */
export async function lineWith(child: RunningProcess, part: string): Promise<OutputLine> {
  for await (const line of child.lines()) if (line.text.includes(part)) return line;
  throw new Error(`The output ended without ${part}.`);
}
