import { mkdirSync, rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom, createTempDir, type TempDir } from '@signalbox/testkit';
import { loadPolicy } from '../src/index.js';
import type { ShellCommand, ShellLine, ShellWord } from '../src/shell/line.js';
import { parseShellLine } from '../src/shell/parse.js';
import { randomScript } from './shell/random-script.js';
import { type Behaviour, canRunScripts, installStubs, runScripts } from './shell/run-scripts.js';
import { judgeLine, layer, NOW } from './support.js';

// Real bash runs random scripts in which every program is a stub that logs how it was started. Whatever the policy says, it
// must not have overlooked a start, or a file that a redirection made.
const RUNS = process.env['SIGNALBOX_LONG_TESTS'] ? 20_000 : 1_200;
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? 4711);
const BATCH = 100;
const POLICY = `version: 1
scope: project
default: ask
rules:
  - { id: bad, effect: deny, on: [shell.run], command: { argv: [bad, "..."] } }
  - { id: good, effect: allow, on: [shell.run], command: { argv: [[good, fails, echo, cat, cd, ":", "true", "break"], "..."] } }
  - { id: write, effect: allow, on: [file.write, file.read], when: 'resource.inside' }
`;

let temp: TempDir;

beforeAll(() => {
  temp = createTempDir();
});

afterAll(() => temp.remove());

describe('with real bash as the oracle', () => {
  const test = canRunScripts() ? it : it.skip;

  test(`nothing that ${RUNS} random scripts start or write is overlooked, and nothing denied is allowed to start`, () => {
    const { path } = installStubs(temp.path);
    const workspace = '/repo';
    const policy = loadPolicy([layer(POLICY)], { now: NOW, workspace, path, realPath: (file) => file });
    const random = createRandom(SEED);
    const counts = { starts: 0, files: 0, allowed: 0, denied: 0, clear: 0 };
    for (let run = 0; run < RUNS; run += BATCH) {
      const scripts = Array.from({ length: Math.min(BATCH, RUNS - run) }, () => randomScript(random));
      mkdirSync(join(temp.path, 'run'));
      const behaviours = runScripts(temp.path, scripts);
      rmSync(join(temp.path, 'run'), { recursive: true });
      for (const [index, script] of scripts.entries()) {
        const behaviour = behaviours[index] as Behaviour;
        const line = parseShellLine(script, workspace);
        const decision = judgeLine(policy, script);
        counts.starts += behaviour.starts.length;
        counts.files += behaviour.files.length;
        if (decision === 'allow') counts.allowed++;
        if (decision === 'deny') counts.denied++;
        if (isClear(line)) counts.clear++;
        expect({ script, ...surprises(line, decision, behaviour) }).toEqual({
          script,
          starts: [],
          files: [],
          denied: [],
        });
      }
    }
    expect(counts.starts).toBeGreaterThan(RUNS);
    expect(counts.files).toBeGreaterThan(RUNS / 10);
    expect(counts.allowed).toBeGreaterThan(RUNS / 20);
    expect(counts.denied).toBeGreaterThan(RUNS / 20);
    expect(counts.clear).toBeGreaterThan(RUNS / 3);
  }, 600_000);
});

/** What a script did that its reading does not account for; where the reading has doubts, only what was allowed counts. */
function surprises(line: ShellLine, decision: string, { starts, files }: Behaviour) {
  const clear = isClear(line);
  if (!clear) expect(decision).not.toBe('allow');
  const isLiteral = line.commands.every(({ words }) => words[0]?.value !== null);
  const ran = starts.filter(([program]) => program === 'bad');
  return {
    starts: clear ? starts.filter((start) => !line.commands.some((command) => couldStart(command, start))) : [],
    files: clear ? files.filter((file) => !isForeseen(line, file)) : [],
    denied: decision === 'allow' || (clear && isLiteral && decision !== 'deny') ? ran : [],
  };
}

/** Whether the reading claims to know of every start: a word may be dynamic, as long as it is not a script. */
function isClear({ unresolved, commands }: ShellLine): boolean {
  const doubts = commands.flatMap((command) => command.unresolved);
  return unresolved.length === 0 && doubts.every((doubt) => /^the word|^eval is/.test(doubt));
}

function couldStart({ words }: ShellCommand, start: readonly string[]): boolean {
  return couldExpand(words, start);
}

/** Whether the words could be these texts; a dynamic word may become any number of words. */
function couldExpand([word, ...words]: readonly ShellWord[], texts: readonly string[]): boolean {
  if (word === undefined) return texts.length === 0;
  if (word.value !== null) return texts[0] === word.value && couldExpand(words, texts.slice(1));
  return texts.some((_, index) => couldExpand(words, texts.slice(index))) || couldExpand(words, []);
}

function isForeseen({ redirects }: ShellLine, file: string): boolean {
  const targets = redirects
    .filter(({ action }) => action === 'file.write')
    .flatMap(({ target, cwds }) => cwds.map((cwd) => posix.resolve(cwd, target)));
  return targets.includes(posix.resolve('/repo', file));
}
