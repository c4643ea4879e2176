import { describe, expect, it } from '@jest/globals';
import { type AttributeSchema, compileExpression, printFormula } from '../../src/index.js';

const schema: AttributeSchema = {
  'resource.path': 'path',
  'resource.size': 'int',
  'resource.inside': 'bool',
  'resource.locks': 'set',
  'subject.kind': { enum: ['user', 'ai'] },
};

function problemsOf(source: string) {
  const compiled = compileExpression(source, schema);
  return compiled.ok ? [] : compiled.problems;
}

describe('the compiler goes on after an error', () => {
  it('and lists every syntax, name and type error of an expression in order', () => {
    const source = [
      'resource.pth == "a" &&',
      '(resource.size = 3 || resource.size == 1.5) and',
      'subject.kind == "usr" && size(resource.path) == 3 &&',
      'resource.locks["a"] && resource.inside @ true || not resource.inside',
    ].join('\n');
    expect(problemsOf(source).map(({ code, line, column }) => [code, line, column])).toEqual([
      ['NAME', 1, 1],
      ['SYNTAX', 2, 16],
      ['SYNTAX', 2, 40],
      ['SYNTAX', 2, 45],
      ['TYPE', 3, 17],
      ['NAME', 3, 26],
      ['SYNTAX', 4, 15],
      ['SYNTAX', 4, 40],
      ['SYNTAX', 4, 50],
    ]);
    expect(problemsOf('not resource.inside')[0]?.message).toContain('Did you mean "!"?');
  });

  it.each([
    ['resource.path in ["a", 1.5, 2] && x.y', ['SYNTAX', 'TYPE', 'NAME']],
    ['(resource.inside && ) || resource.sise > 1', ['SYNTAX', 'NAME']],
    ['resource.inside) && resource.sise > 1', ['SYNTAX']],
    ['resource.inside) resource.inside', ['SYNTAX']],
    ['(resource.inside) (true || false) && x.y', ['SYNTAX', 'NAME']],
    ['resource.size == - && x.y', ['SYNTAX', 'NAME']],
    ['resource.path.glob("\\q").b && x.y', ['SYNTAX', 'SYNTAX', 'NAME']],
    ['has(1.5) && has( && x.y', ['SYNTAX', 'SYNTAX', 'SYNTAX', 'NAME']],
    ['resource.path == """a\nb""" && x.y', ['SYNTAX', 'NAME']],
    ['resource.path == "a\\q && x.y', ['SYNTAX', 'SYNTAX']],
    ['resource.path.glob("\\q") && resource.path.("a")', ['SYNTAX', 'SYNTAX']],
    ['\ud800', ['SYNTAX']],
  ])('%j', (source, codes) => {
    expect(problemsOf(source).map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ['parentheses', '('.repeat(8000)],
    ['has()', 'has('.repeat(2000)],
    ['lists', '['.repeat(8000)],
    ['operands', 'true||'.repeat(1300)],
    ['values in a list', `resource.size in [${'1,'.repeat(600)}1]`],
    ['digits', `resource.size == ${'9'.repeat(100)}`],
    ['characters', ' '.repeat(9000)],
  ])('but not beyond its limits: too many %s', (_what, source) => {
    expect(problemsOf(source)).toMatchObject([{ code: 'LIMIT' }]);
  });

  it('but lists no more than 50 problems', () => {
    expect(problemsOf('#'.repeat(8000))).toHaveLength(50);
    expect(problemsOf('a.b && '.repeat(900))).toHaveLength(50);
  });
});

describe('printFormula', () => {
  it.each([
    ['"a" == resource.path', 'resource.path == "a"'],
    ['3 < resource.size', 'resource.size > 3'],
    ["!(resource.path == 'a\\x09')", 'resource.path != "a\\t"'],
    ['!(!resource.inside)', 'resource.inside'],
    ['resource.inside == true', 'resource.inside'],
    ['resource.inside != true', '!resource.inside'],
    ['resource.inside != false', 'resource.inside != false'],
    ['(true && (resource.inside && true)) || (false || true)', 'true && resource.inside && true || false || true'],
    [
      '(resource.inside || true) && !(resource.inside || true)',
      '(resource.inside || true) && !(resource.inside || true)',
    ],
    ['!!(!(!(resource.inside || true))) && true', '(resource.inside || true) && true'],
    ['!(resource.size in [1, -2])', '!(resource.size in [1, -2])'],
    ['!("a" in resource.locks) && !has(resource.path)', '!("a" in resource.locks) && !has(resource.path)'],
    ['!(resource.path.glob("**"))', '!resource.path.glob("**")'],
    ['!(resource.size > -0)', '!(resource.size > 0)'],
  ])('writes %s as %s', (source, expected) => {
    const compiled = compileExpression(source, schema);
    if (!compiled.ok) throw new Error(compiled.problems[0]?.message);
    expect(printFormula(compiled.expression.formula)).toBe(expected);
  });
});

describe('an outcome', () => {
  it('is an error as a value where an attribute is absent or of another type', () => {
    const outcomeOf = (source: string, attributes: object) => {
      const compiled = compileExpression(source, schema);
      if (!compiled.ok) throw new Error(compiled.problems[0]?.message);
      return compiled.expression.outcome({ ...attributes });
    };
    expect(outcomeOf('resource.size > 1', {})).toEqual({
      attribute: 'resource.size',
      problem: '"resource.size" is absent from this request',
    });
    expect(outcomeOf('resource.size > 1', { resource: { size: 1.5 } })).toMatchObject({ attribute: 'resource.size' });
    expect(outcomeOf('resource.inside', { resource: { inside: 'yes' } })).toMatchObject({
      attribute: 'resource.inside',
    });
    expect(outcomeOf('subject.kind != "ai"', { subject: { kind: 'robot' } })).toMatchObject({
      attribute: 'subject.kind',
    });
    expect(outcomeOf('!(resource.size > 1) || true', {})).toBe(true);
    expect(outcomeOf('!(resource.size > 1)', {})).toMatchObject({ attribute: 'resource.size' });
  });
});
