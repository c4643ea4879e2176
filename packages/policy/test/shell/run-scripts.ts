import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a script really did. */
export interface Behaviour {
  /** One vector per program start. */
  readonly starts: readonly (readonly string[])[];
  /** Files it made, relative to where it ran. */
  readonly files: readonly string[];
}

const SHELL = '/bin/bash';
const STUBS = { good: 0, bad: 0, fails: 1 };
const TOOLS = ['timeout', 'env', 'nice', 'nohup', 'setsid', 'stdbuf', 'xargs', 'bash', 'sh', 'cat'];
const [UNIT, RECORD] = ['\x1f', '\x1e'];
const DRIVER = `
count=$1
n=0
while [ "$n" -lt "$count" ]; do
  cd "$ROOT/run/$n/repo" || exit 1
  # A script that was broken in the wrong place may loop for ever, in the background too: seconds of processor time, blocks.
  # Whatever it leaves running holds descriptor 9, and so the pipe, open.
  (
    ulimit -t 2
    ulimit -f 4096
    LOG="$ROOT/run/$n/log" exec /usr/bin/env -u ROOT /usr/bin/timeout -k 1 10 ${SHELL} --norc --noprofile \\
      "$ROOT/run/$n/script" <"$ROOT/input" 9>&1 >/dev/null 2>&1
  ) | /bin/cat >/dev/null
  n=$((n + 1))
done
`;

/** Whether this machine has what it takes. */
export function canRunScripts(): boolean {
  return ['/usr/bin/env', '/usr/bin/timeout', '/bin/cat', SHELL].every((file) => existsSync(file));
}

/**
 * Fills `root` with a PATH on which every program but a few wrappers is a stub that logs how it was started. Scripts get an empty
 * folder each, no other environment, and nothing that is named by an absolute path.
 */
export function installStubs(root: string): { path: string } {
  const path = join(root, 'bin');
  mkdirSync(path);
  writeFileSync(join(root, 'input'), 'line\n');
  for (const [name, status] of Object.entries(STUBS)) {
    const stub = `#!/bin/sh\nIFS='${UNIT}'\nprintf '%s${RECORD}' "$#${UNIT}\${0##*/}${UNIT}$*" >>"$LOG"\necho out\nexit ${status}\n`;
    writeFileSync(join(path, name), stub);
    chmodSync(join(path, name), 0o755);
  }
  for (const name of TOOLS) {
    const real = [`/usr/bin/${name}`, `/bin/${name}`].find((file) => existsSync(file));
    if (real) symlinkSync(real, join(path, name));
  }
  return { path };
}

/** Runs the scripts one after the other in one process each, all of them from one driver. */
export function runScripts(root: string, scripts: readonly string[]): Behaviour[] {
  scripts.forEach((script, n) => {
    mkdirSync(join(root, 'run', `${n}`, 'repo', 'sub'), { recursive: true });
    writeFileSync(join(root, 'run', `${n}`, 'script'), script);
  });
  const { status, stderr } = spawnSync('/bin/sh', ['-c', DRIVER, 'driver', `${scripts.length}`], {
    env: { ROOT: root, PATH: join(root, 'bin'), X: 'bad', G: 'good' },
    encoding: 'utf8',
    timeout: 10_000 * scripts.length,
  });
  if (status !== 0) throw new Error(`The driver ended with ${status}: ${stderr}`);
  return scripts.map((_, n) => behaviourOf(join(root, 'run', `${n}`)));
}

function behaviourOf(folder: string): Behaviour {
  const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '';
  const starts = log
    .split(RECORD)
    .slice(0, -1)
    .map((record) => {
      const [count, ...words] = record.split(UNIT);
      // Joined, no operands look like one that is empty.
      return count === '0' ? words.slice(0, 1) : words;
    });
  const files = readdirSync(join(folder, 'repo'), { recursive: true, encoding: 'utf8' });
  return { starts, files: files.filter((file) => file !== 'sub') };
}
