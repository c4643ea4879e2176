import { describe, expect, it } from '@jest/globals';
import { type AttributeSchema, type Attributes, compileExpression, leavesOf } from '../../src/index.js';

const schema: AttributeSchema = {
  'subject.kind': { enum: ['user', 'ai'] },
  'resource.path': 'path',
  'resource.host': 'string',
  'resource.priority': 'int',
  'resource.inside': 'bool',
  'resource.locks': 'set',
  'context.task.labels': 'map',
};

const request: Attributes = {
  subject: { kind: 'ai' },
  resource: { path: 'src/.env.local', priority: 10, inside: true, locks: ['src/**'] },
  context: { task: { labels: { release: '2', area: 'cli' } } },
};

function evaluate(source: string, attributes: Attributes = request): boolean {
  const compiled = compileExpression(source, schema);
  if (!compiled.ok) throw new Error(compiled.problems.map((each) => each.message).join(' '));
  return compiled.expression.evaluate(attributes);
}

describe('an expression', () => {
  it.each([
    'true',
    '!false',
    'resource.inside',
    'resource.inside == true',
    'subject.kind == "ai"',
    '"ai" == subject.kind',
    'subject.kind != "user"',
    'subject.kind in ["user", "ai"]',
    'resource.priority in [1, 10]',
    'resource.priority > -1 && resource.priority >= 10 && resource.priority < 11 && resource.priority <= 10',
    '9 < resource.priority',
    '10 >= resource.priority',
    '"release" in context.task.labels',
    '!("other" in context.task.labels)',
    'context.task.labels.area == "cli"',
    'has(context.task.labels.area) && !has(context.task.labels.tier)',
    'has(context.task)',
    '"src/**" in resource.locks',
    'resource.path.glob("**/.env*")',
    'resource.path.startsWith("src/") && resource.path.endsWith(".local") && resource.path.contains("/.env")',
    "resource.path == 'src/.env.local'",
    'resource.path == "src\\u002f\\x2eenv\\056local"',
    '!!resource.inside // twice no',
    'false || (true && !false)\n  && resource.inside',
    'false && resource.host == "a" || true',
    'resource.host == "a" || true',
    '!(resource.host == "a" && false)',
  ])('%s holds', (source) => {
    expect(evaluate(source)).toBe(true);
  });

  it.each([
    'subject.kind in []',
    'resource.path.glob("src/*.ts")',
    'has(resource.host)',
    'has(resource.host) && resource.host == "a"',
    'resource.priority in [1, 2]',
    '"x" in resource.locks',
  ])('%s does not hold', (source) => {
    expect(evaluate(source)).toBe(false);
  });

  it.each([
    ['resource.host == "a"', request],
    ['resource.host == "a" || false', request],
    ['true && resource.host.startsWith("a")', request],
    ['"a" in resource.locks', {}],
    ['"a" in resource.locks', { resource: { locks: 3 } }],
    ['resource.priority > 3', { resource: { priority: 'high' } }],
    ['resource.path == "a"', { resource: { path: null } }],
    ['resource.path == "a"', Object.create({ resource: { path: 'a' } })],
  ])('%s cannot be evaluated without what it needs', (source, attributes) => {
    expect(() => evaluate(source, attributes)).toThrow(expect.objectContaining({ code: 'EVALUATION' }));
  });

  it('keeps its formula and every use of an attribute for analysis', () => {
    const compiled = compileExpression('has(resource.host) || !(resource.priority in [1])', schema);
    if (!compiled.ok) throw new Error('does not compile');
    expect(compiled.expression.uses).toEqual([
      { attribute: 'resource.host', offset: 4 },
      { attribute: 'resource.priority', offset: 24 },
    ]);
    expect(compiled.expression.formula.kind).toBe('or');
    expect(leavesOf(compiled.expression.formula).map((leaf) => leaf.kind)).toEqual(['has', 'oneOf']);
  });
});
