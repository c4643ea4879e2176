import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileExpression, type Expression, printFormula } from '../../src/index.js';
import { environments, expressions, type Oracle, schema, write } from './cel.js';

const adapters = join(dirname(fileURLToPath(import.meta.url)), 'adapters');

async function loadOracles(): Promise<Oracle[]> {
  const files = readdirSync(adapters).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.map((file) => import(`./adapters/${file.replace(/\.ts$/, '.js')}`)));
  return modules.map((module) => module.oracle as Oracle);
}

function compile(source: string): Expression {
  const compiled = compileExpression(source, schema);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems.map((each) => each.message).join(' ')}`);
  return compiled.expression;
}

describe('the language', () => {
  it('agrees with every oracle on 10,000 random expressions, value or error', async () => {
    const oracles = await loadOracles();
    expect(oracles.length).toBeGreaterThan(0);
    const seen = { true: 0, false: 0, error: 0 };
    const property = fc.property(expressions, environments, (tree, environment) => {
      const source = write(tree);
      const outcome = compile(source).outcome(environment);
      const ours = typeof outcome === 'boolean' ? outcome : 'error';
      seen[`${ours}`]++;
      for (const oracle of oracles) {
        const theirs = oracle.evaluate(source, tree, environment);
        if (ours !== theirs)
          throw new Error(`${source}\n${JSON.stringify(environment)}\n${ours}, ${oracle.name}: ${theirs}`);
      }
    });
    fc.assert(property, { seed: 20261123, numRuns: 10_000 });
    expect(Math.min(seen.true, seen.false, seen.error)).toBeGreaterThan(500);
  });

  it('prints 3,000 random expressions so that they read the same and print the same again', () => {
    const property = fc.property(expressions, environments, (tree, environment) => {
      const { formula, outcome } = compile(write(tree));
      const printed = printFormula(formula);
      const again = compile(printed);
      expect(printFormula(again.formula)).toBe(printed);
      const [before, after] = [outcome(environment), again.outcome(environment)];
      expect(typeof before === 'boolean' ? before : 'error').toBe(typeof after === 'boolean' ? after : 'error');
    });
    fc.assert(property, { seed: 7, numRuns: 3_000 });
  });

  it('compiles what was cut or garbled at random in linear time, with problems inside the source', () => {
    const garbled = fc
      .tuple(expressions.map(write), fc.nat(60), fc.string({ maxLength: 3 }))
      .map(([source, at, junk]) => {
        return `${source.slice(0, at)}${junk}${source.slice(at + junk.length)}`;
      });
    const property = fc.property(garbled, (source) => {
      const compiled = compileExpression(source, schema);
      if (compiled.ok) return;
      expect(compiled.problems.length).toBeGreaterThan(0);
      for (const { offset, line, column, caret } of compiled.problems) {
        expect(offset).toBeLessThanOrEqual(source.length);
        expect(line).toBeGreaterThan(0);
        expect(caret.split('\n').at(-1)?.length).toBe(column);
      }
    });
    fc.assert(property, { seed: 11, numRuns: 3_000 });
  });
});
