import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTempDir, type TempDir } from '@signalbox/testkit';
import { loadPolicy, type Policy } from '../src/index.js';
import { createRandom, type Random } from './random.js';
import { decideLine, layer, NOW } from './support.js';

// Real bash runs random scripts in which every program is a stub that logs how it was started. Whatever the policy says, it
// must not have overlooked a start.
const RUNS = 200;
const SCRIPT_SHELL = '/bin/bash';

let temp: TempDir;
let policy: Policy;

beforeAll(() => {
  temp = createTempDir();
  mkdirSync(`${temp.path}/bin`);
  mkdirSync(`${temp.path}/repo/sub`, { recursive: true });
  for (const name of ['good', 'bad']) {
    writeFileSync(`${temp.path}/bin/${name}`, `#!/bin/sh\nprintf '%s\\036' "${name} $*" >> "$LOG"\necho out\n`);
    chmodSync(`${temp.path}/bin/${name}`, 0o755);
  }
  for (const name of ['timeout', 'env', 'nice', 'xargs', 'bash', 'sh', 'cat']) {
    const real = spawnSync(SCRIPT_SHELL, ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(`${temp.path}/bin/${name}`, `#!/bin/sh\nexec ${real} "$@"\n`);
    chmodSync(`${temp.path}/bin/${name}`, 0o755);
  }
  const text = `version: 1
scope: project
default: ask
rules:
  - { id: good, effect: allow, on: [shell.run], command: { argv: [[good, echo, cat, cd, ":", "true", "false"], "..."] } }
  - { id: write, effect: allow, on: [file.write, file.read], when: 'resource.inside' }
`;
  policy = loadPolicy([layer(text)], { now: NOW, workspace: `${temp.path}/repo`, path: `${temp.path}/bin` });
});

afterAll(() => temp.remove());

describe('with real bash as the oracle', () => {
  it(`no program start of ${RUNS} random scripts is overlooked, and none that is allowed runs what is not`, () => {
    const random = createRandom(4711);
    const counts = { starts: 0, allowed: 0 };
    for (let run = 0; run < RUNS; run++) {
      const script = randomScript(random, 3);
      const { decision, normalised } = decideLine(policy, script);
      const starts = startsOf(script);
      counts.starts += starts.length;
      if (decision === 'allow') {
        counts.allowed++;
        const seen = new Set(normalised.commands.map(({ argv }) => argv.join(' ').trim()));
        for (const start of starts)
          expect({ script, start, seen: seen.has(start) }).toEqual({ script, start, seen: true });
        expect({ script, ran: starts.filter((start) => start.startsWith('bad')) }).toEqual({ script, ran: [] });
      }
    }
    expect(counts.starts).toBeGreaterThan(RUNS / 2);
    expect(counts.allowed).toBeGreaterThan(RUNS / 10);
  }, 120_000);
});

/** What a script really started: one record per program, its words joined. */
function startsOf(script: string): string[] {
  const log = `${temp.path}/log`;
  rmSync(log, { force: true });
  spawnSync(SCRIPT_SHELL, ['--norc', '--noprofile', '-c', script], {
    cwd: `${temp.path}/repo`,
    env: { PATH: `${temp.path}/bin`, LOG: log, X: 'bad', G: 'good' },
    input: 'line\n',
    timeout: 60_000,
  });
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, 'utf8')
    .split('\x1e')
    .map((line) => line.trim());
  return lines.filter((line) => line !== '');
}

function randomScript(random: Random, depth: number): string {
  const inner = (): string => (depth > 0 ? randomScript(random, depth - 1) : leaf(random));
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const shapes: (() => string)[] = [
    () => leaf(random),
    () => leaf(random),
    () => leaf(random),
    () => `${inner()}${random.pick(['; ', ' && ', ' || ', ' | ', '\n', ' & '])}${inner()}`,
    () => `( ${inner()} )`,
    () => `{ ${inner()}\n}`,
    () => `if ${inner()}; then ${inner()}\nelse ${inner()}\nfi`,
    () => `for f in 1 2; do ${inner()}\ndone`,
    () => `! ${leaf(random)}`,
    () => `good $( ${inner()}\n)`,
    () => `good "$( ${inner()}\n)"`,
    () => `good ${quoted(inner())}`,
    () => `bash -c ${quoted(inner())}`,
    () => `timeout 5 sh -c ${quoted(inner())}`,
    () => `cat <<EOF\n$( ${inner()}\n)\nEOF\n`,
    () => `cat <<'EOF'\n$( ${inner()}\n)\nEOF\n`,
    () => `[[ -n a ]] && ${leaf(random)}`,
    () => `case a in a) ${inner()}\n;; esac`,
    () => `f() { ${inner()}\n}; f`,
    () => `eval ${quoted(inner())}`,
    () => `cd sub && ${leaf(random)}`,
  ];
  return random.pick(shapes)();
}

function leaf(random: Random): string {
  const program = random.pick([
    'good',
    'good',
    'good',
    'good',
    'bad',
    'g"oo"d',
    "b'a'd",
    'g\\ood',
    '$X',
    '$G',
    "$'bad'",
    '"bad"',
  ]);
  const operands = random.pick([
    '',
    ' a',
    ' -x "b c"',
    ' "$X"',
    ' *',
    ' {a,b}',
    ' > out',
    ' 2>&1',
    ' <<< x',
    ' # bad',
    " 'bad'",
  ]);
  const before = random.pick([
    '',
    '',
    '',
    '',
    'timeout 5 ',
    'env A=1 ',
    'nice -n 5 ',
    'command ',
    'exec ',
    'A=1 ',
    'echo x | xargs ',
  ]);
  return `${before}${program}${operands}`;
}
