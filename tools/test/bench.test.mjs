import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { differenceFigure, rateRatioFigure, timeFigure, timeRatioFigure } from '../bench/figures.mjs';
import { measureAlone, measurePairs, median } from '../bench/measure.mjs';
import { formatSuite } from '../bench/table.mjs';
import { capture } from '../lib/capture.mjs';
import { root } from '../lib/run.mjs';

describe('a measurement', () => {
  it('takes the middle of its values', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('runs baseline and subject in turn, changes who goes first, and drops the first pair', async () => {
    const order = [];
    const take = (which) => () => order.push(which);
    const pairs = await measurePairs(2, take('baseline'), take('subject'));
    expect(order).toEqual(['subject', 'baseline', 'baseline', 'subject', 'subject', 'baseline']);
    expect(pairs).toEqual([
      { baseline: 3, subject: 4 },
      { baseline: 6, subject: 5 },
    ]);
  });

  it('drops the first value also where there is nothing to compare with', async () => {
    let value = 0;
    expect(await measureAlone(2, () => ++value)).toEqual([2, 3]);
  });
});

describe('a figure', () => {
  const pairs = [
    { baseline: 10, subject: 12 },
    { baseline: 20, subject: 26 },
    { baseline: 10, subject: 15 },
  ];

  it('is the median over the pairs, not the ratio of two medians', () => {
    expect(timeRatioFigure('f', pairs)).toMatchObject({ value: 1.3, baseline: 10, subject: 15, range: [1.2, 1.5] });
    expect(differenceFigure('f', pairs)).toMatchObject({ value: 5, unit: 'ms', baseline: 10 });
  });

  it('keeps to a bound up to and including it', () => {
    expect(timeRatioFigure('f', pairs, { bound: 1.3 })).toMatchObject({ bound: 1.3, ok: true });
    expect(timeRatioFigure('f', pairs, { bound: 1.2 })).toMatchObject({ bound: 1.2, ok: false });
    expect(timeRatioFigure('f', pairs)).toMatchObject({ bound: null, ok: null });
  });

  it('of a rate is better when it is higher', () => {
    const figure = rateRatioFigure('f', [{ baseline: 1, subject: 2 }], { bound: 0.4, what: 'cycles' });
    expect(figure).toMatchObject({ value: 0.5, ok: true, baseline: 1000, subject: 500, measuredIn: 'cycles/s' });
    expect(rateRatioFigure('f', [{ baseline: 1, subject: 4 }], { bound: 0.4, what: 'cycles' }).ok).toBe(false);
  });

  it('without a baseline has none', () => {
    expect(timeFigure('f', [0.001, 0.003], { unit: 'µs' })).toMatchObject({ value: 2, unit: 'µs', baseline: null });
  });

  it('stands in a table with what it was made of, and whether its bound is met', () => {
    const table = formatSuite('Title', [timeRatioFigure('list', pairs, { bound: 1.25 })]);
    expect(table).toContain('Title');
    expect(table).toMatch(/list +1\.3 x +1\.2–1\.5 +15 ms +10 ms +≤ 1\.25 x +not met/);
  });
});

describe('npm run bench', () => {
  const script = join(root, 'tools/bench.mjs');
  const bench = (...argv) => capture(process.execPath, [script, ...argv], { cwd: root });

  it('refuses an unknown suite before it builds anything, and lists those that there are', async () => {
    const { code, stdout, stderr } = await bench('policy', 'speed');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('There is no suite "speed".\nThe suites are: audit, cli, executor, policy, task-core.\n');
  });

  it.each([[['--reps', '0']], [['--reps', 'many']], [['--fast']]])('refuses %j', async (argv) => {
    expect((await bench(...argv)).code).toBe(2);
  });

  it('prints one document with --json, and the table on standard error', async () => {
    // As the script does it, but with what is built already: the test runner has built it, and is itself such a run.
    const module = JSON.stringify(join(root, 'tools/bench/bench.mjs'));
    const code = `import { bench } from ${module}; process.exitCode = await bench(['policy', '--json', '--reps', '1'], async () => {});`;
    const env = { ...process.env, SIGNALBOX_BENCH_OFFLINE: '1' };
    const ran = await capture(process.execPath, ['--input-type=module', '-e', code], { cwd: root, env });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('decide ');
    const { machine, suites } = JSON.parse(ran.stdout);
    expect(Object.keys(machine)).toEqual(['cpu', 'cores', 'memoryGb', 'node', 'platform', 'sqlite']);
    expect(suites).toMatchObject([{ name: 'policy' }]);
    expect(suites[0].figures[0]).toEqual({
      name: expect.stringMatching(/^decide /),
      value: expect.any(Number),
      unit: 'µs',
      baseline: null,
      bound: expect.any(Number),
      ok: expect.any(Boolean),
      better: 'lower',
      subject: expect.any(Number),
      measuredIn: 'µs',
      range: [expect.any(Number), expect.any(Number)],
    });
  }, 120_000);
});
