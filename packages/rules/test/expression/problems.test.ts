import { describe, expect, it } from '@jest/globals';
import { type AttributeSchema, compileExpression } from '../../src/index.js';

const schema: AttributeSchema = {
  'subject.kind': { enum: ['user', 'workflow'] },
  'resource.path': 'path',
  'resource.size': 'int',
  'resource.inside': 'bool',
  'resource.locks': 'set',
};

function problemsOf(source: string) {
  const compiled = compileExpression(source, schema);
  return compiled.ok ? [] : compiled.problems;
}

describe('compileExpression refuses', () => {
  it.each([
    ['', 1, 'the expression ends'],
    ['resource.pth == "a"', 1, 'Did you mean "resource.path"?'],
    ['resource == "a"', 1, 'its members are'],
    ['subject.kind == "workflwo"', 17, 'Did you mean "workflow"?'],
    ['resource.path', 1, 'not a condition'],
    ['resource.size == "big"', 18, 'a number, never "big"'],
    ['resource.inside == 1', 20, 'true or false'],
    ['resource.path < "b"', 17, 'orders numbers only'],
    ['resource.locks == "a"', 1, '"x" in resource.locks'],
    ['"a" in resource.path', 8, 'nothing is in it'],
    ['1 in resource.locks', 1, 'text only'],
    ['resource.path in "a"', 15, '"in" is written'],
    ['resource.path in [resource.path]', 19, 'values only'],
    ['resource.path in [true]', 19, 'numbers or text'],
    ['resource.path == resource.path', 15, 'Two attributes'],
    ['1 == 1', 3, 'one attribute with one value'],
    ['"a"', 1, 'not a condition'],
    ['["a"]', 1, 'not a condition'],
    ['resource.path.matches("a+")', 15, 'Did you mean "glob"?'],
    ['resource.path.startWith("a")', 15, 'Did you mean "startsWith"?'],
    ['resource.locks.exists("a")', 16, 'Macros'],
    ['resource.path.glob(resource.path)', 20, 'one text in quotes'],
    ['resource.path.glob()', 15, 'one text in quotes'],
    ['resource.path.glob("/a")', 20, 'absolute'],
    ['resource.locks.contains("a")', 1, 'needs text'],
    ['"a".contains("a")', 1, 'asked of an attribute'],
    ['has("a")', 5, 'takes an attribute'],
    ['has(resource)', 5, 'dotted'],
    ['has(resource.other)', 5, 'no attribute'],
    ['size(resource.path)', 1, 'no function "size"'],
    ['resource.size + 1 == 2', 15, 'Arithmetic'],
    ['resource.size - 1 == 2', 15, 'An operator or the end'],
    ['resource.size == -resource.size', 18, 'Arithmetic'],
    ['resource.inside ? true : false', 17, 'conditional'],
    ['resource.inside & true', 17, 'Did you mean "&&"?'],
    ['resource.path = "a"', 15, 'Did you mean "=="?'],
    ['resource.inside and true', 17, 'Did you mean "&&"?'],
    ['resource.size == 1 == true', 20, 'chained'],
    ['resource.size == 1.5', 18, 'whole decimal'],
    ['resource.size == 0x10', 18, 'whole decimal'],
    ['resource.size == 99999999999999999', 18, 'too large'],
    ['resource.path == "a', 18, 'closing'],
    ['resource.path == "a\\q"', 20, 'escape'],
    ['resource.path == "\\ud800"', 19, 'escape'],
    ['resource.path == """a"""', 18, 'Triple-quoted'],
    ['(resource.inside', 17, '")" was expected'],
    ['resource.locks["a"]', 15, 'Indexing'],
    ['resource.', 10, 'A name was expected'],
    ['"a".b', 5, 'Only an attribute'],
    ['null == resource.path', 1, 'cannot stand here'],
    ['#', 1, 'no meaning'],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, 101, 'nest'],
    [`true${' '.repeat(9000)}`, 1, '8192 characters'],
  ])('%s', (source, column, message) => {
    const problems = problemsOf(source);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]).toMatchObject({ line: 1, column });
  });

  it('several type errors at once, each with a caret under its place', () => {
    const problems = problemsOf('resource.inside &&\n  resource.sise > 3 ||\n\tresource.inside == "a"');
    expect(problems.map(({ line, column, offset }) => [line, column, offset])).toEqual([
      [2, 3, 21],
      [3, 21, 62],
    ]);
    expect(problems[0]?.caret).toBe('  resource.sise > 3 ||\n  ^');
    expect(problems[1]?.caret).toBe(`\tresource.inside == "a"\n\t${' '.repeat(19)}^`);
  });
});
