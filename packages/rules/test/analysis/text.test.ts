import { describe, expect, it } from '@jest/globals';
import { Budget } from '../../src/analysis/budget.js';
import { checkSatisfiable } from '../../src/analysis/index.js';
import { dfaOf } from '../../src/analysis/text/find-text.js';
import { isNormalPath } from '../../src/analysis/text/path-dfa.js';
import { matchesGlob, parseGlob } from '../../src/glob/index.js';
import { type AttributeSchema, compileExpression } from '../../src/index.js';
import { createRandom, type Random } from '../random.js';

const schema: AttributeSchema = { 'r.text': 'string', 'r.path': 'path' };

function ask(source: string, budget?: number) {
  const compiled = compileExpression(source, schema);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]?.message}`);
  const found = checkSatisfiable([{ expression: compiled.expression }], {
    onUnconfirmed: 'throw',
    ...(budget === undefined ? {} : { budget }),
  });
  return { found, holds: (text: string) => compiled.expression.outcome({ r: { text, path: text } }) === true };
}

describe('questions about one text', () => {
  it('have an answer that enumeration of short texts never contradicts, for 1,500 random conjunctions', () => {
    const random = createRandom(3);
    const texts = enumerate(['a', 'b', '/', '.'], 5);
    let satisfiable = 0;
    for (let round = 0; round < 1500; round++) {
      const attribute = random.pick(['r.text', 'r.path']);
      const literals = Array.from({ length: 1 + random.below(5) }, () => randomLiteral(random, attribute));
      const source = literals.join(' && ');
      const { found, holds } = ask(source);
      const example = texts.find((text) => (attribute === 'r.text' || isNormalPath(text)) && holds(text));
      expect(found.status).not.toBe('unknown');
      if (example !== undefined && found.status !== 'satisfiable') throw new Error(`${source}: ${example}`);
      if (found.status === 'satisfiable') satisfiable++;
      if (found.status === 'satisfiable' && attribute === 'r.path') {
        const { r } = found.witness as { r: { path: string } };
        expect(isNormalPath(r.path)).toBe(true);
      }
    }
    expect(satisfiable).toBeGreaterThan(300);
    expect(satisfiable).toBeLessThan(1200);
  });

  it('finds for a path no witness that is not normalised', () => {
    expect(ask('r.path.glob("**/*.ts") && !r.path.glob("*.ts") && r.path.startsWith("src/")').found).toEqual({
      status: 'satisfiable',
      witness: expect.objectContaining({ r: expect.objectContaining({ path: 'src/.ts' }) }),
    });
    for (const impossible of [
      'r.path == "a//b"',
      'r.path == "../a"',
      'r.path.endsWith("/") && r.path != "/"',
      'r.path == ""',
    ]) {
      expect(ask(impossible).found.status).toBe('unsatisfiable');
      expect(ask(impossible.replaceAll('r.path', 'r.text')).found.status).toBe('satisfiable');
    }
  });

  it.each([
    ['', false],
    ['.', true],
    ['/', true],
    ['a', true],
    ['/a/b', true],
    ['a/b.c', true],
    ['.a/..b', true],
    ['...', true],
    ['a/...', true],
    ['..', false],
    ['a/..', false],
    ['./a', false],
    ['a/.', false],
    ['/.', false],
    ['a/', false],
    ['//a', false],
    ['a\0', false],
  ])('%j is a normalised path: %p', (path, expected) => {
    expect(isNormalPath(path)).toBe(expected);
  });

  it('runs a glob as an automaton just as the matcher does', () => {
    const texts = enumerate(['a', 'b', '/'], 6);
    for (const pattern of ['**', '**/a', 'a/**', 'a/**/b', '*', '?', '{a,b/a}/*', '[!a]*', '*a*b', '**/a/**']) {
      const glob = parseGlob(pattern);
      const dfa = dfaOf({ kind: 'text', test: 'glob', value: pattern });
      for (const text of texts) {
        let state = dfa.start;
        for (const char of text) if (state !== -1) state = dfa.next(state, char.codePointAt(0) as number);
        const accepted = state !== -1 && dfa.accepts(state);
        if (accepted !== matchesGlob(glob, text)) throw new Error(`${pattern} on ${text}`);
      }
    }
  });

  it('runs words that overlap themselves as automata just as the methods of strings do', () => {
    const texts = enumerate(['a', 'b'], 9);
    for (const word of ['', 'a', 'aa', 'aab', 'abab', 'aaab', 'abaab', 'bbabb']) {
      for (const [test, holds] of [
        ['startsWith', (text: string) => text.startsWith(word)],
        ['endsWith', (text: string) => text.endsWith(word)],
        ['contains', (text: string) => text.includes(word)],
      ] as const) {
        const dfa = dfaOf({ kind: 'text', test, value: word });
        for (const text of texts) {
          let state = dfa.start;
          for (const char of text) if (state !== -1) state = dfa.next(state, char.codePointAt(0) as number);
          if ((state !== -1 && dfa.accepts(state)) !== holds(text)) throw new Error(`${test} ${word} on ${text}`);
        }
      }
    }
  });

  it('says unknown, soon, about globs made to explode', () => {
    const hostile = Array.from({ length: 12 }, (_, at) => `r.text.glob("*${'a?'.repeat(12 + at)}b*")`).join(' && ');
    const start = performance.now();
    expect(ask(`${hostile} && !r.text.contains("ab")`).found.status).toBe('unknown');
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(ask('r.text.contains("abcdef")', 10).found).toEqual({ status: 'unknown', reason: expect.any(String) });
    expect(() => new Budget(1).spend(2)).toThrow();
  });
});

function randomLiteral(random: Random, attribute: string): string {
  const piece = (): string => Array.from({ length: random.below(3) }, () => random.pick(['a', 'b', '/', '.'])).join('');
  const globs = [
    '**',
    '*',
    '**/a',
    'a/**',
    '?',
    '*a',
    'b*',
    '*.*',
    '**/*b',
    '{a,b}/**',
    'a/*',
    '[!a]*',
    '**/.*',
    '?/?',
  ];
  const test = random.pick([
    () => `${attribute}.startsWith("${piece()}")`,
    () => `${attribute}.endsWith("${piece()}")`,
    () => `${attribute}.contains("${piece()}")`,
    () => `${attribute}.glob("${random.pick(globs)}")`,
    () => `${attribute}.glob("${random.pick(globs)}")`,
    () => `${attribute} == "${piece()}"`,
    () => `${attribute} in ["${piece()}", "${piece()}/a"]`,
  ])();
  return random.below(5) < 2 ? `!(${test})` : test;
}

function enumerate(alphabet: readonly string[], maxLength: number): string[] {
  const all = [''];
  let last = [''];
  for (let length = 1; length <= maxLength; length++) {
    last = last.flatMap((head) => alphabet.map((char) => head + char));
    all.push(...last);
  }
  return all;
}
