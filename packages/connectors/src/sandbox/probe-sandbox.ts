import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, messageOf } from '@signalbox/kernel';
import { askProgram, type ProgramAnswer } from '../ask-program.js';
import { findProgram } from '../find-program.js';
import { inSandbox } from './bubblewrap-argv.js';
import type { Sandbox, SandboxProbe } from './types.js';

export interface SandboxProbeContext {
  /** For finding the program. */
  environment: Readonly<Record<string, string>>;
  clock: Clock;
}

// Milliseconds; each start takes some ten.
const PROBE_MS = 5000;

const INSTALL = 'Install it: `apt-get install bubblewrap`, `dnf install bubblewrap`, `pacman -S bubblewrap`.';
const ALLOW =
  'Allow programs to create user namespaces: kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a container, run it with a seccomp profile that does.';

/** Tries a sandbox out: whether it starts, and whether it holds what it is to hold. Leaves nothing behind. Never rejects. */
export async function probeSandbox(context: SandboxProbeContext): Promise<SandboxProbe> {
  const program = findProgram('bwrap', context.environment);
  if (program === null) return { works: false, reason: 'bubblewrap (`bwrap`) is not installed', hint: INSTALL };
  try {
    return await tryOut(program, context);
  } catch (error) {
    return { works: false, reason: `bubblewrap could not be tried out (${messageOf(error)})`, hint: ALLOW };
  }
}

async function tryOut(program: string, context: SandboxProbeContext): Promise<SandboxProbe> {
  const place = mkdtempSync(join(context.environment['TMPDIR'] || '/tmp', 'signalbox-sandbox-'));
  const inside = join(place, 'inside');
  const hidden = join(place, 'hidden');
  const outside = join(place, 'outside');
  try {
    for (const folder of [inside, hidden]) mkdirSync(folder);
    writeFileSync(join(hidden, 'canary'), 'x');
    const sandbox: Sandbox = { program, writable: [inside], readable: [place], hidden: [hidden], network: true };
    const ask = (argv: readonly string[]): Promise<ProgramAnswer> => askBubblewrap(argv, place, sandbox, context);
    // What the host would see is looked at here; what the inside would see, and who it could signal, there.
    const script = 'touch "$1/made"; touch "$2" 2>/dev/null; test ! -e "$3/canary" && ! kill -0 "$4" 2>/dev/null';
    const [tried, nested, version] = await Promise.all([
      ask(['sh', '-c', script, 'sh', inside, outside, hidden, String(process.pid)]),
      ask([program, '--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true']),
      askProgram(program, ['--version'], { ...context, timeoutMs: PROBE_MS, cwd: '/' }),
    ]);
    const fault = /^bwrap: .*/m.exec(tried.text)?.[0];
    if (!existsSync(join(inside, 'made'))) {
      return { works: false, reason: `bubblewrap does not start here (${fault ?? 'it says nothing'})`, hint: ALLOW };
    }
    if (!tried.ended || existsSync(outside)) {
      return { works: false, reason: 'bubblewrap starts here, but does not hold what it is to hold', hint: INSTALL };
    }
    return { works: true, program, version: /\d+(\.\d+)+/.exec(version.text)?.[0] ?? null, nests: nested.ended };
  } finally {
    rmSync(place, { recursive: true, force: true, maxRetries: 3 });
  }
}

function askBubblewrap(
  argv: readonly string[],
  cwd: string,
  sandbox: Sandbox,
  { environment, clock }: SandboxProbeContext,
): Promise<ProgramAnswer> {
  const held = inSandbox({ argv, cwd, environment }, sandbox);
  const question = { environment: held.environment, clock, timeoutMs: PROBE_MS, cwd };
  return askProgram(sandbox.program, held.argv.slice(1), question);
}
