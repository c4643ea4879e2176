import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileExpression, type Expression, printFormula } from '../../src/index.js';
import { type Cel, type Environment, type Oracle, schema } from './cel.js';
import { environments, expressions } from './generate.js';
import { answerHasOfAbsentOwners } from './presence.js';
import { type Spelling, write } from './write.js';

// More where somebody has the time.
const RUNS = process.env['SIGNALBOX_LONG_TESTS'] ? 500_000 : 10_000;

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

const spellings: fc.Arbitrary<Spelling> = fc.record({
  quote: fc.constantFrom('"', "'"),
  gap: fc.constantFrom(' ', '', '\n', ' // "not" this )\n'),
  parentheses: fc.boolean(),
});

function describeDisagreement(tree: Cel, environment: Environment, ours: unknown, theirs: [string, unknown]): string {
  return [
    `  expression   ${write(tree)}`,
    `  environment  ${JSON.stringify(environment)}`,
    `  this language says ${ours}, ${theirs[0]} says ${theirs[1]}`,
  ].join('\n');
}

describe('the language', () => {
  it(`agrees with every oracle on ${RUNS.toLocaleString('en')} random expressions, value or error`, async () => {
    const oracles = await loadOracles();
    expect(oracles.map(({ name }) => name)).toContain('@bufbuild/cel');
    const seen = { true: 0, false: 0, error: 0 };
    const property = fc.property(expressions, environments, spellings, (tree, environment, spelling) => {
      const outcome = compile(write(tree, spelling)).outcome(environment);
      const ours = typeof outcome === 'boolean' ? outcome : 'error';
      seen[`${ours}`]++;
      const answered = answerHasOfAbsentOwners(tree, environment);
      const source = write(answered, spelling);
      for (const oracle of oracles) {
        const theirs = oracle.evaluate(source, answered, environment);
        if (ours !== theirs)
          throw new Error(`\n${describeDisagreement(tree, environment, ours, [oracle.name, theirs])}`);
      }
    });
    fc.assert(property, { seed: 20261123, numRuns: RUNS });
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
      .tuple(
        expressions.map((tree) => write(tree)),
        fc.nat(60),
        fc.string({ maxLength: 3 }),
      )
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
