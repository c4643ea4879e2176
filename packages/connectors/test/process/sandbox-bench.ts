import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@signalbox/kernel';
import {
  type ProcessRunner,
  type ProcessRunnerOptions,
  probeSandbox,
  type RunResult,
  type Sandbox,
  sandboxed,
} from '../../src/index.js';
import { type Bench, plainEnvironment, withBench } from './helpers.js';

const probe = await probeSandbox({ environment: plainEnvironment(), clock: systemClock });

/** Why the tests with a real sandbox cannot be run here; null when they can. */
export const whySkipped = probe.works ? null : probe.reason;

export interface SandboxBench extends Bench {
  sandbox: Sandbox;
  /** The bench's runner, in the sandbox. */
  held: ProcessRunner;
  /** A folder that may be written to, one that is hidden with a secret in it, and one that is neither. */
  folders: { workspace: string; hidden: string; other: string };
  /** Runs a line in the workspace. */
  sh(line: string, more?: Partial<Sandbox>): Promise<RunResult & { out: string }>;
}

/** A bench with a sandbox, whose folders lie in the temporary folder as any other. */
export function withSandbox(
  test: (bench: SandboxBench) => Promise<void>,
  use: Pick<ProcessRunnerOptions, 'supervisor' | 'helper'> = { supervisor: false },
): Promise<void> {
  return withBench(async (bench) => {
    const at = (name: string): string => join(bench.dir.path, name);
    const folders = { workspace: at('workspace'), hidden: at('hidden'), other: at('other') };
    for (const folder of Object.values(folders)) mkdirSync(folder);
    writeFileSync(join(folders.hidden, 'key'), 'secret');
    writeFileSync(join(folders.other, 'file'), 'theirs');
    const sandbox: Sandbox = {
      program: probe.works ? probe.program : '/nonexistent',
      writable: [folders.workspace],
      readable: [bench.dir.path],
      hidden: [folders.hidden],
      network: true,
    };
    const base = { ...bench.base, cwd: folders.workspace };
    const sh: SandboxBench['sh'] = async (line, more = {}) => {
      const runner = sandboxed(bench.runner, { ...sandbox, ...more });
      const result = await runner.run({ ...base, argv: ['sh', '-c', line], timeoutMs: 20_000 });
      return { ...result, out: `${result.stdout}${result.stderr}`.trim() };
    };
    await test({ ...bench, base, sandbox, held: sandboxed(bench.runner, sandbox), folders, sh });
  }, use);
}
