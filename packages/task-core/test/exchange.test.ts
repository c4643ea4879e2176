import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readTasks, taskJsonSchema, writeTasks } from '../src/exchange/index.js';
import type { Task } from '../src/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { openTestStore } from './support/open-test-store.js';

const FORMATS = ['json', 'yaml', 'md'] as const;
const none = () => [];

function createIdMaker(): () => string {
  let made = 0;
  return () => `tsk_new${++made}`;
}

async function withTasks<T>(work: (tasks: Task[]) => T | Promise<T>): Promise<T> {
  const opened = openTestStore();
  const { store } = opened;
  try {
    const first = await store.create(parseTaskSpec({ title: 'Find out "why": it\'s 5 > 3 & 2 #1' }), 'user:ana', none);
    await store.create(
      parseTaskSpec({
        title: 'Fix `the` login',
        description: 'It fails.\n\n- type: not a field\n  deeper\n\nSee `src`.',
        type: 'bugfix',
        priority: -3,
        needs: [first.task.id],
        onNeedFailure: 'ignore',
        locks: [{ glob: 'src/**' }, { glob: 'docs/{a,b}*', mode: 'shared' }],
        labels: { area: 'api', 'a b': 'x=y' },
        capabilities: ['edit'],
        ai: 'claude',
        checks: ['npm test -- --grep "a: b"'],
        maxAttempts: 5,
        timeoutMs: 60_000,
        budget: { usd: 1.5, timeMs: 60_000 },
        notBefore: '2030-01-01T00:00:00.000Z',
        metadata: { deep: { a: [1, null] } },
      }),
      'user:ana',
      none,
    );
    await store.create(parseTaskSpec({ title: 'Run', run: { argv: ['a', 'b "c"'] } }), 'user:ana', none);
    const done = await store.claim(
      { holder: 'x', ttlMs: 60_000, task: first.task.id, start: { ai: null, data: {} } },
      none,
    );
    if (done.status !== 'claimed') throw new Error(done.status);
    await store.settle({ task: first.task.id, lease: done.lease.id }, { kind: 'done' }, {}, none);
    return await work((await store.list({ sort: 'created' })).tasks);
  } finally {
    await opened.close();
  }
}

describe('writing tasks and reading them again', () => {
  it.each(FORMATS)('keeps everything that was asked for in %s', (format) =>
    withTasks((tasks) => {
      const drafts = readTasks(writeTasks(tasks, format), format, createIdMaker());
      expect(drafts.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
      expect(drafts.map(({ ended }) => ended)).toEqual(['done', undefined, undefined]);
      drafts.forEach(({ spec }, index) => {
        expect(tasks[index]).toMatchObject({ ...spec });
      });
    }),
  );

  it.each([
    { description: 'Do:\n- [ ] this\n- [x] that' },
    { description: '- [ ] this' },
    { description: '- check: rm -rf x\n  - [ ] deeper\n\\- [ ] escaped already' },
    { description: '```md\n* [ ] x\n- type: docs\n```' },
    { checks: ['grep "a  b" x', 'npm test\nnpm run lint', '"quoted"', '"a" "b"', ' true'] },
  ])('keeps %j in Markdown, as a part of its task', (fields) =>
    withTasks(([task]) => {
      const drafts = readTasks(writeTasks([{ ...(task as Task), ...fields }], 'md'), 'md', createIdMaker());
      expect(drafts).toHaveLength(1);
      expect(drafts[0]?.spec).toMatchObject({ checks: [], ...fields });
    }),
  );

  it('is lossless in JSON, and what it writes is valid by its JSON Schema', () =>
    withTasks((tasks) => {
      const text = writeTasks(tasks, 'json');
      expect(JSON.parse(text)).toEqual({ version: 1, tasks });
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      expect(ajv.validate(taskJsonSchema('export'), JSON.parse(text))).toBe(true);
      expect(ajv.validate(taskJsonSchema(), tasks[0])).toBe(true);
      expect(ajv.validate(taskJsonSchema(), { ...tasks[0], colour: 'red' })).toBe(false);
      expect(ajv.validate(taskJsonSchema(), { ...tasks[0], status: 'lost' })).toBe(false);
    }));

  it('is imported by a store as it was exported', () =>
    withTasks(async (tasks) => {
      const other = openTestStore();
      try {
        const drafts = readTasks(writeTasks(tasks, 'yaml'), 'yaml', createIdMaker());
        await other.store.enqueueMany(drafts, 'user:ben', none);
        const imported = (await other.store.list({ sort: 'created' })).tasks;
        expect(imported.map(({ id, status }) => [id, status])).toEqual([
          [tasks[0]?.id, 'done'],
          [tasks[1]?.id, 'queued'],
          [tasks[2]?.id, 'queued'],
        ]);
        expect(imported[1]).toMatchObject({ needs: tasks[1]?.needs, blockedBy: [] });
      } finally {
        await other.close();
      }
    }));
});

describe('reading what a person wrote', () => {
  it('takes a plan in YAML with names of its own', () => {
    const plan = `
tasks:
  - { id: look, title: Look at it, type: research }
  - { id: fix, title: Fix it, needs: [look, tsk_there], priority: high, checks: [npm test] }
  - title: Say so
    needs: [fix]
`;
    const drafts = readTasks(plan, 'yaml', createIdMaker());
    expect(drafts.map(({ id, spec }) => [id, spec.title, spec.needs, spec.priority])).toEqual([
      ['tsk_new1', 'Look at it', [], 0],
      ['tsk_new2', 'Fix it', ['tsk_new1', 'tsk_there'], 10],
      ['tsk_new3', 'Say so', ['tsk_new2'], 0],
    ]);
  });

  it('takes a task list in Markdown, where a box below another is needed by it', () => {
    const plan = [
      ...['# Plan', '', 'Some text.', '', '- [ ] Ship it', '  - priority: urgent', '  All of it,', '  at once.'],
      ...['  - [x] Build it', '  - [ ] Test it', '    - check: npm test', '* [ ] Tell people', '- not a task'],
    ].join('\n');
    const drafts = readTasks(plan, 'md', createIdMaker());
    expect(drafts.map(({ id, ended, spec }) => [id, spec.title, spec.needs, ended])).toEqual([
      ['tsk_new1', 'Ship it', ['tsk_new2', 'tsk_new3'], undefined],
      ['tsk_new2', 'Build it', [], 'done'],
      ['tsk_new3', 'Test it', [], undefined],
      ['tsk_new4', 'Tell people', [], undefined],
    ]);
    expect(drafts[0]?.spec).toMatchObject({ priority: 20, description: 'All of it,\nat once.' });
    expect(drafts[2]?.spec.checks).toEqual(['npm test']);
  });

  it('takes code at the end of a title for a part of it, unless it is an id', () => {
    const drafts = readTasks('- [ ] Fix `login`\n- [ ] Test `login`\n- [ ] Ship `tsk_1`', 'md', createIdMaker());
    expect(drafts.map(({ id, spec }) => [id, spec.title])).toEqual([
      ['tsk_new1', 'Fix `login`'],
      ['tsk_new2', 'Test `login`'],
      ['tsk_1', 'Ship'],
    ]);
  });

  it('takes time in proportion to its length, and any number of lines', () => {
    const start = performance.now();
    expect(() => readTasks(`- [ ] a${' '.repeat(200_000)}b`, 'md', createIdMaker())).toThrow(/500 characters/);
    const [draft] = readTasks(`- [ ] a\n${'  b\n'.repeat(200_000)}`, 'md', createIdMaker());
    expect(draft?.spec.description).toHaveLength(399_999);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each([
    [
      'yaml',
      'tasks:\n  - titel: a\n',
      ['line 2: task 1, title: it is missing', 'line 2: task 1: "titel" is not known here'],
    ],
    ['yaml', '- title: a\n- title: b\n  checks: npm test\n', ['line 3: task 2, checks: must be a list, not a text']],
    ['json', '{"tasks": [\n{"title": 7, "type": "epic"}]}', ['line 2: task 1, title: must be a text, not a number']],
    ['yaml', '- title: a\n  type: epic\n', ['line 2: task 1, type: must be feature or ']],
    ['yaml', '- title: a\n  checks: [""]\n', ['line 2: task 1, checks.0: must not be empty']],
    ['yaml', '- title: a\n  maxAttempts: 1000\n', ['line 2: task 1, maxAttempts: must be at most 100']],
    [
      'yaml',
      '- title: a\n  notBefore: soon\n',
      ['line 2: task 1, notBefore: must be a time such as 2026-12-31T09:00:00Z'],
    ],
    ['md', '- [ ] a\n  - max attempts: 0\n', ['task 1, maxAttempts: must be at least 1']],
    ['yaml', 'just text', ['line 1: must be a mapping of names to values, not a text']],
    ['yaml', 'a: b: c', ['it is not YAML: ']],
  ] as const)('says in words what is wrong, and on which line where that is known: %s %j', (format, text, told) => {
    const read = () => readTasks(text, format, createIdMaker());
    for (const part of told) expect(read).toThrow(part);
    expect(read).not.toThrow(/Invalid input|Unrecognized|:\.$/);
  });

  it.each([
    ['json', '{"tasks": [', 'INVALID_TASK'],
    ['json', '{"version": 2, "tasks": []}', 'EXPORT_NEWER'],
    ['json', '{"version": "1", "tasks": []}', 'INVALID_TASK'],
    ['json', '{"tasks": [{"description": "no title"}]}', 'INVALID_TASK'],
    ['json', '{"tasks": [{"title": "x", "colour": "red"}]}', 'INVALID_TASK'],
    ['json', '[{"title": "a", "id": "x"}, {"title": "b", "id": "x"}]', 'INVALID_TASK'],
    ['json', '[{"title": "a", "locks": [{"glob": "../x"}]}]', 'INVALID_TASK'],
    ['yaml', 'tasks: &a [*a]', 'INVALID_TASK'],
    ['yaml', 'tasks: [{title: a, title: b}]', 'INVALID_TASK'],
    ['yaml', 'just text', 'INVALID_TASK'],
    ['yaml', 'tasks: [{ title: !!js/function x }]', 'INVALID_TASK'],
    ['md', '- [ ] a\n  - colour: red', 'INVALID_TASK'],
    ['md', '- [ ] a\n  - run: npm test', 'INVALID_TASK'],
    ['md', '- [ ] a\n  - constructor: x', 'INVALID_TASK'],
  ] as const)('refuses %s like %s', (format, text, code) => {
    expect(() => readTasks(text, format, createIdMaker())).toThrow(expect.objectContaining({ code }));
  });
});
