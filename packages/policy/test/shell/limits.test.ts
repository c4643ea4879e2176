import { describe, expect, it } from '@jest/globals';
import { initialPolicyYaml } from '../../src/index.js';
import * as limits from '../../src/shell/limits.js';
import type { ShellLine } from '../../src/shell/line.js';
import { parseArgv, parseShellLine } from '../../src/shell/parse.js';
import { refuseSource } from '../../src/shell/source.js';
import { decide, judgeLine, load, request } from '../support.js';
import { HOSTILE_LINES } from './hostile-lines.js';

const policy = load(initialPolicyYaml({ name: 'hostile', testCommands: [['npm', 'test']] }));

/** What the rest of a decision has to work on: this, and not the length of the line, bounds its time. */
function sizeOf({ commands, redirects, unresolved }: ShellLine): Record<string, number> {
  return {
    commands: commands.length,
    redirects: redirects.length,
    doubts: unresolved.length,
    words: Math.max(0, ...commands.map(({ words }) => words.length)),
    folders: Math.max(0, ...commands.map(({ cwds }) => cwds.length)),
  };
}

const BOUNDS = {
  commands: limits.MAX_COMMANDS,
  redirects: limits.MAX_REDIRECTS,
  doubts: limits.MAX_DOUBTS,
  words: limits.MAX_WORDS + 1,
  folders: limits.MAX_FOLDERS,
};

/** The longest beginning of a line that is not refused unread. */
function cutToLimits(line: string): string {
  let [low, high] = [0, Math.min(line.length, limits.MAX_LINE_LENGTH)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (refuseSource(line.slice(0, middle)) === null) low = middle;
    else high = middle - 1;
  }
  return line.slice(0, low);
}

describe('a line made to take long', () => {
  it.each(Object.entries(HOSTILE_LINES))('leaves little to judge, whole or cut to the limits: %s', (name, line) => {
    for (const source of [line, cutToLimits(line), cutToLimits(line).slice(0, 1_000)]) {
      const size = sizeOf(parseShellLine(source, '/repo'));
      for (const [what, bound] of Object.entries(BOUNDS)) expect(size[what]).toBeLessThanOrEqual(bound);
    }
    expect(judgeLine(policy, line)).toBe(name.startsWith('harmless') ? 'allow' : 'ask');
  });

  it('is still denied for what stands where it was read', () => {
    expect(judgeLine(policy, `rm -rf /; ${'ls;'.repeat(1_000)}`)).toBe('deny');
    expect(judgeLine(policy, `ls $(rm -rf /) ${'$(ls) '.repeat(500)}`)).toBe('deny');
    expect(judgeLine(policy, `${'( '.repeat(20)}rm -rf /${' )'.repeat(20)}`)).toBe('deny');
  });

  it('asks about a vector of 100,000 words and keeps the first of them', () => {
    const argv = ['ls', ...Array.from({ length: 100_000 }, (_, n) => `a${n}`)];
    const [command] = parseArgv(argv, '/repo').commands;
    expect(command?.words.length).toBe(limits.MAX_WORDS);
    expect(command?.unresolved).toEqual(['there are too many words']);
    expect(decide(policy, request('shell.run', { action: { argv } })).decision).toBe('ask');
    const removal = ['rm', '-rf', '/', ...argv];
    expect(decide(policy, request('shell.run', { action: { argv: removal } })).decision).toBe('deny');
  });

  it('is not what a file of 64 KiB in a quoted here-document is', () => {
    const code =
      "export function measureItem(item: Item): number {\n  return item.kind === 'box' ? measureBox(item.box) : 0;\n}\n";
    const body = code.repeat(Math.floor(60_000 / code.length));
    expect(judgeLine(policy, `cat <<'EOF' > src/a.ts\n${body}EOF`)).toBe('allow');
  });
});

describe('a pattern made to take long', () => {
  const stars = `${'*a'.repeat(200)}*`;
  const names = Array.from({ length: 490 }, (_, n) => `"path${n}"`).join(', ');
  const words = Array.from({ length: 5_000 }, (_, n) => `w${n}`);
  const hostile = load(`version: 1
scope: project
default: allow
rules:
  - { id: stars, effect: deny, on: [file.write], when: 'resource.path.glob("${stars}")' }
  - { id: braces, effect: deny, on: [file.write], when: 'resource.path.glob("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}z")' }
  - { id: list, effect: deny, on: [file.write], when: 'resource.path in [${names}]' }
  - { id: words, effect: deny, on: [shell.run], command: { argv: [[${words.join(', ')}], [${words.join(', ')}], "..."] } }
`);
  const judgePath = (path: string) => decide(hostile, request('file.write', { resource: { path } })).decision;

  it('gives the answer that it means, on texts that almost match too', () => {
    expect(hostile.problems).toEqual([]);
    expect(judgePath('a'.repeat(4_000))).toBe('deny');
    expect(judgePath(`${'a'.repeat(199)}b`)).toBe('allow');
    expect(judgePath(`${'b'.repeat(4_000)}`)).toBe('allow');
    expect(judgePath('ababbaz')).toBe('deny');
    expect(judgePath('path489')).toBe('deny');
    expect(judgeLine(hostile, 'w4999 w4998 x')).toBe('deny');
    expect(judgeLine(hostile, 'w4999 x')).toBe('allow');
  });
});
