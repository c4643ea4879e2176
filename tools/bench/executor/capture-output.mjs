import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createProcessRunner } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';
import { plainEnvironment } from '../../lib/capture.mjs';
import { rateRatioFigure } from '../figures.mjs';
import { measurePairs, timed } from '../measure.mjs';

const LINE = 'x'.repeat(79);
const LINES = 1_250_000;
const MEGABYTES = (LINES * (LINE.length + 1)) / 1e6;
const argv = ['sh', '-c', `yes ${LINE} | head -n ${LINES}`];

/** 100 MB of output, from the start of the child to its end, or to the last line where lines are read. */
export async function measureCapture(reps, folder) {
  const runner = createProcessRunner({ clock: systemClock });
  const file = join(folder, 'output');
  let number = 0;
  const start = (more) =>
    runner.spawn({
      argv,
      cwd: folder,
      environment: plainEnvironment(),
      marker: { attempt: `att_bench-${process.pid}-${++number}`, ai: 'bench' },
      stdin: 'ignore',
      ...more,
    });
  const measure = async (work) => {
    rmSync(file, { force: true });
    return (await timed(work)) / MEGABYTES;
  };
  const readAll = async (more) => {
    const child = await start(more);
    let count = 0;
    for await (const _ of child.lines()) count++;
    if (count !== LINES) throw new Error(`${count} lines came`);
  };
  const direct = () => measure(() => writeDirectly(folder, file));
  const toFile = () =>
    measure(async () => {
      const child = await start({ outputFile: file });
      await child.exited;
      if (statSync(file).size !== MEGABYTES * 1e6) throw new Error('some output is missing');
    });
  const follow = () => measure(() => readAll({ outputFile: file }));
  const pipes = () => measure(() => readAll({}));
  try {
    return [
      rateRatioFigure('output to a file, against a direct file descriptor', await measurePairs(reps, direct, toFile), {
        what: 'MB',
        bound: 0.9,
      }),
      rateRatioFigure('the same, and each line read as it comes', await measurePairs(reps, direct, follow), {
        what: 'MB',
      }),
      rateRatioFigure('output through pipes, each line read', await measurePairs(reps, direct, pipes), { what: 'MB' }),
    ];
  } finally {
    await runner.close();
  }
}

async function writeDirectly(cwd, file) {
  const output = openSync(file, 'a');
  try {
    const [program, ...args] = argv;
    await once(spawn(program, args, { cwd, stdio: ['ignore', output, output], detached: true }), 'exit');
  } finally {
    closeSync(output);
  }
}
