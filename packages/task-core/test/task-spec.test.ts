import { describe, expect, it } from '@jest/globals';
import { TASK_TYPES, TaskError } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';

/** What is wrong with a task of title "A task" and these fields. */
function problemsOf(fields: object): string[] {
  return problemsIn({ title: 'A task', ...fields });
}

function problemsIn(input: unknown): string[] {
  try {
    parseTaskSpec(input);
    return [];
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    expect(error.code).toBe('INVALID_TASK');
    expect(error.message.length).toBeLessThan(2_000);
    expect(error.hint).toBeDefined();
    return error.details?.['problems'] as string[];
  }
}

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = { in: value };
  return value;
};

describe('parseTaskSpec', () => {
  it('needs nothing but a title', () => {
    expect(parseTaskSpec({ title: 'Say hello' })).toEqual({
      title: 'Say hello',
      description: '',
      type: 'chore',
      run: null,
      onNeedFailure: 'block',
      priority: 0,
      needs: [],
      locks: [],
      labels: {},
      capabilities: [],
      ai: null,
      checks: [],
      maxAttempts: 3,
      timeoutMs: null,
      budget: null,
      notBefore: null,
      idempotencyKey: null,
      metadata: {},
    });
  });

  it('takes a task with a run line for a command', () => {
    expect(parseTaskSpec({ title: 'x', run: { shell: 'ls | wc' } }).type).toBe('command');
    expect(parseTaskSpec({ title: 'x', run: { argv: ['ls', ''] } }).run).toEqual({ argv: ['ls', ''] });
  });

  it('understands every type and every word for a priority', () => {
    for (const type of TASK_TYPES) {
      expect(parseTaskSpec({ title: 'x', type, ...(type === 'command' ? { run: { shell: 'ls' } } : {}) }).type).toBe(
        type,
      );
    }
    const priorities = ['low', 'normal', 'high', 'urgent', -3, 0].map((priority) =>
      parseTaskSpec({ title: 'x', priority }),
    );
    expect(priorities.map(({ priority }) => priority)).toEqual([-10, 0, 10, 20, -3, 0]);
  });

  it('makes a lock exclusive unless it says otherwise, and counts a need once', () => {
    const spec = parseTaskSpec({ title: 'x', locks: [{ glob: 'src/**' }], needs: ['tsk_a', 'tsk_b', 'tsk_a'] });
    expect(spec.locks).toEqual([{ glob: 'src/**', mode: 'exclusive' }]);
    expect(spec.needs).toEqual(['tsk_a', 'tsk_b']);
  });

  it('gives back what it has parsed before', () => {
    const spec = parseTaskSpec({
      title: 'x',
      priority: 'high',
      locks: [{ glob: 'a' }],
      metadata: { a: [null, nested(20)] },
    });
    expect(parseTaskSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });
});

describe('a task that is not valid', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'Say hello'],
    ['a list', []],
    ['no title', {}],
    ['a title that is no text', { title: 7 }],
    ['an empty title', { title: '' }],
    ['a blank title', { title: ' \n' }],
    ['a title of a megabyte', { title: 'x'.repeat(1_000_000) }],
    ['a title with NUL', { title: 'a\0b' }],
    ['a title with half a surrogate pair', { title: 'a\ud800' }],
  ])('is one with %s', (_, input) => {
    expect(problemsIn(input)).not.toEqual([]);
  });

  it.each<[string, object]>([
    ['description', { description: 'x'.repeat(1_000_001) }],
    ['description', { description: '\0' }],
    ['type', { type: 'epic' }],
    ['type', { type: 'Feature' }],
    ['run', { type: 'command' }],
    ['run', { type: 'feature', run: { shell: 'ls' } }],
    ['run', { run: { argv: [] } }],
    ['run', { run: { shell: '' } }],
    ['run', { run: { argv: ['ls'], shell: 'ls' } }],
    ['run', { run: 'ls' }],
    ['run', { run: { argv: ['a\0'] } }],
    ['priority', { priority: 'asap' }],
    ['priority', { priority: '10' }],
    ['priority', { priority: 1.5 }],
    ['priority', { priority: Number.NaN }],
    ['priority', { priority: 1_000_001 }],
    ['priority', { priority: 'toString' }],
    ['needs', { needs: 'tsk_a' }],
    ['needs.0', { needs: ['x'.repeat(65)] }],
    ['locks.0.mode', { locks: [{ glob: 'a', mode: 'write' }] }],
    ['locks.0', { locks: [{ glob: 'a', kind: 'x' }] }],
    ['labels.a', { labels: { a: 1 } }],
    ['labels.', { labels: { '': 'x' } }],
    ['labels.a', { labels: { a: 'x\0' } }],
    ['capabilities.0', { capabilities: [''] }],
    ['ai', { ai: '' }],
    ['checks.0', { checks: [''] }],
    ['checks.0', { checks: ['npm test\0'] }],
    ['checks', { checks: Array(101).fill('true') }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['maxAttempts', { maxAttempts: -1 }],
    ['maxAttempts', { maxAttempts: 2.5 }],
    ['maxAttempts', { maxAttempts: 101 }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['budget', { budget: {} }],
    ['budget', { budget: { usd: -1 } }],
    ['budget', { budget: { tokens: 1.5 } }],
    ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['notBefore', { notBefore: 'tomorrow' }],
    ['notBefore', { notBefore: '2026-02-30T00:00:00Z' }],
    ['notBefore', { notBefore: '2026-01-01T00:00:00' }],
    ['idempotencyKey', { idempotencyKey: '' }],
    ['idempotencyKey', { idempotencyKey: 'x'.repeat(201) }],
    ['metadata', { metadata: [] }],
    ['metadata', { metadata: null }],
    ['metadata', { metadata: { at: new Date(0) } }],
    ['metadata', { metadata: { n: Number.NaN } }],
    ['metadata', { metadata: { half: '\udc00' } }],
    ['metadata', { metadata: nested(33) }],
    ['metadata', { metadata: nested(100_000) }],
    ['metadata', { metadata: { much: 'x'.repeat(1_000_000) } }],
  ])('is told that its %s is wrong', (field, fields) => {
    const problems = problemsOf(fields);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${field}`)).toBe(true);
  });

  it.each([
    ['', 'it is empty'],
    ['../secrets', 'a ".." segment'],
    ['src/../../x', 'a ".." segment'],
    ['/etc/passwd', 'it is absolute'],
    ['a//b', 'an empty segment'],
    ['a\\b', 'a backslash'],
    ['a\0b', 'NUL'],
    ['[z-a]', 'runs backwards'],
    ['{a', 'brace'],
    ['{a,b}'.repeat(100), 'more than 256 alternatives'],
    ['x'.repeat(1_025), 'longer than 1024'],
  ])('is told what is wrong with the glob %j', (glob, reason) => {
    const problems = problemsOf({ locks: [{ glob }] });
    expect(problems.join()).toMatch(/^locks\.0\.glob: /);
    expect(problems.join()).toContain(reason);
  });

  it('is told of a key that does not exist', () => {
    expect(problemsOf({ prioritty: 1 })).toEqual(['"prioritty" is not known here']);
  });

  it('is told of everything that is wrong at once', () => {
    const problems = problemsOf({ title: '', maxAttempts: -1, type: 'epic', nothing: 1 });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      '"nothing" is not known here',
      'maxAttempts',
      'title',
      'type',
    ]);
  });
});
