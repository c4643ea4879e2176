import { describe, expect, it } from '@jest/globals';
import { drawGraph, readGraph, type TaskGraph } from '../src/graph/index.js';
import { parseTaskSpec } from '../src/task-spec.js';
import { openTestStore } from './support/open-test-store.js';

const DIAMOND: TaskGraph = {
  tasks: [
    { id: 'tsk_a', title: 'Base', status: 'done' },
    { id: 'tsk_b', title: 'Left "one" [x] <b>', status: 'queued' },
    { id: 'tsk_c', title: 'Right\nline', status: 'failed' },
    { id: 'tsk_d', title: 'Top', status: 'blocked' },
  ],
  edges: [
    { need: 'tsk_a', task: 'tsk_b' },
    { need: 'tsk_a', task: 'tsk_c' },
    { need: 'tsk_b', task: 'tsk_d' },
    { need: 'tsk_c', task: 'tsk_d' },
  ],
};

describe('drawing a graph of tasks', () => {
  it('makes a text tree, each task under those that need it', () => {
    const graph = { ...DIAMOND, tasks: [...DIAMOND.tasks, { id: 'tsk_e', title: 'Alone', status: 'queued' as const }] };
    expect(drawGraph(graph, 'text')).toBe(
      [
        'blocked tsk_d Top',
        '├─ queued tsk_b Left "one" [x] <b>',
        '│  └─ done tsk_a Base',
        '└─ failed tsk_c Right line',
        '   └─ done tsk_a Base',
        'queued tsk_e Alone',
        '',
      ].join('\n'),
    );
    expect(drawGraph({ tasks: [], edges: [] }, 'text')).toBe('No tasks.\n');
  });

  it('shows what a task needs once, and names the task where it comes again', () => {
    const edges = [...DIAMOND.edges, { need: 'tsk_b', task: 'tsk_c' }];
    expect(drawGraph({ ...DIAMOND, edges }, 'text')).toContain('queued tsk_b Left "one" [x] <b> (see above)');
  });

  it('makes Mermaid in which no title can break out of its label', () => {
    const drawn = drawGraph(DIAMOND, 'mermaid');
    expect(drawn).toContain('  tsk_b["Left #34;one#34; #91;x#93; #60;b#62;"]:::queued\n');
    expect(drawn).toContain('  tsk_c["Right line"]:::failed\n');
    expect(drawn).toContain('  tsk_a --> tsk_b\n');
  });

  it('makes DOT with quoted labels', () => {
    const drawn = drawGraph(DIAMOND, 'dot');
    expect(drawn).toContain('"tsk_b" [label="Left \\"one\\" [x] <b>"');
    expect(drawn).toContain('  "tsk_c" -> "tsk_d";');
    expect(drawn.trim().endsWith('}')).toBe(true);
  });

  it('draws a chain of thousands in pieces, in little space', () => {
    const tasks = Array.from({ length: 20_000 }, (_, n) => ({ id: `t${n}`, title: 'x', status: 'queued' as const }));
    const edges = tasks.slice(1).map(({ id }, n) => ({ need: `t${n}`, task: id }));
    const drawn = drawGraph({ tasks, edges }, 'text');
    expect(drawn.length).toBeLessThan(5_000_000);
    const lines = drawn.trim().split('\n');
    // Each piece but the first begins with the task at which the one before broke off.
    expect(lines).toHaveLength(20_000 + Math.floor(19_999 / 32));
    expect(lines[32]).toMatch(/└─ queued t19967 x \(see below\)$/);
    expect(lines[33]).toBe('queued t19967 x');
  });

  it('draws a task with very many needs in a time that grows no faster than they do', () => {
    const leaves = Array.from({ length: 60_000 }, (_, n) => ({ id: `t${n}`, title: 'x', status: 'queued' as const }));
    const edges = leaves.map(({ id }) => ({ need: id, task: 'top' }));
    const start = performance.now();
    const drawn = drawGraph({ tasks: [{ id: 'top', title: 'x', status: 'blocked' }, ...leaves], edges }, 'text');
    expect(drawn.split('\n')).toHaveLength(60_002);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

describe('reading the graph of a store', () => {
  it('gives all tasks, or those that one is connected with', async () => {
    const opened = openTestStore();
    const { store } = opened;
    const add = async (title: string, ...needs: string[]) =>
      (await store.create(parseTaskSpec({ title, needs }), 'user:ana', () => [])).task.id;
    try {
      const a = await add('a');
      const b = await add('b', a);
      const c = await add('c', b);
      const other = await add('other');
      const beside = await add('beside', a);
      expect((await readGraph(store)).tasks.map(({ id }) => id)).toEqual([a, b, c, other, beside]);
      const around = await readGraph(store, b);
      expect(around.tasks.map(({ id }) => id).sort()).toEqual([a, b, c].sort());
      expect(around.edges).toEqual(
        expect.arrayContaining([
          { need: a, task: b },
          { need: b, task: c },
        ]),
      );
    } finally {
      await opened.close();
    }
  });
});
