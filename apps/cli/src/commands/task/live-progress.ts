import type { Progress } from '@signalbox/runtime';
import type { Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { createLiveBlock } from '../../terminal/live-block.js';
import { oneLine, safeText } from '../../terminal/safe-text.js';
import { clip } from '../../terminal/table.js';

/** Tells what goes on while tasks are executed. */
export interface ProgressView {
  on(progress: Progress): void;
  /** Lets `write` print something for good. */
  print(write: () => void): void;
  end(): void;
}

/** Steps that are worth a line of their own that stays: what a person may have to act on, and how it came out. */
const LASTING: ReadonlySet<Progress['step']> = new Set(['claimed', 'refused', 'landed', 'settled']);
const TICK_MS = 1_000;

/** On a terminal one line for each task under way, drawn anew as it goes on; elsewhere, and with `verbose`, a line a step. */
export function createProgressView(io: Io, verbose: boolean): ProgressView {
  return io.liveTerminal === true && !verbose ? liveView(io) : lineView(io, verbose);
}

function lineView(io: Io, verbose: boolean): ProgressView {
  return {
    on(progress) {
      if (progress.step === 'output' && !verbose) return;
      const isWhole = verbose && io.liveTerminal !== true;
      io.stderr.write(`${isWhole ? wholeLinesOf(io, progress) : lineOf(io, progress)}\n`);
    },
    print: (write) => write(),
    end() {},
  };
}

function lineOf(io: Io, { task, step, text }: Progress): string {
  const paint = paintFor(io);
  const line = clip(oneLine(text), Math.max(20, io.columns - task.length - 14));
  return `${paint.dim(`${task} ${step.padEnd(9)}`)} ${step === 'refused' ? paint.warn(line) : line}`;
}

/** For whoever reads it later: neither cut nor with its blanks collapsed, a line for each that was printed. */
function wholeLinesOf(io: Io, { task, step, text }: Progress): string {
  const paint = paintFor(io);
  const lines = safeText(text).replace(/\n+$/, '').split('\n');
  const shade = step === 'refused' ? paint.warn : (line: string) => line;
  return lines.map((line) => `${paint.dim(`${task} ${step.padEnd(9)}`)} ${shade(line)}`).join('\n');
}

function liveView(io: Io): ProgressView {
  const block = createLiveBlock(io.stderr);
  const underWay = new Map<string, { began: number; step: string; text: string }>();
  const draw = (): void => {
    const now = performance.now();
    const lines = [...underWay].map(([task, { began, step, text }]) => {
      const head = `${task}  ${elapsed(now - began).padStart(6)}  ${step.padEnd(9)} `;
      return `${paintFor(io).dim(head)}${clip(oneLine(text), Math.max(10, io.columns - head.length - 1))}`;
    });
    block.draw(lines);
  };
  const ticking = setInterval(draw, TICK_MS);
  ticking.unref();
  return {
    on(progress) {
      const { task, step, text } = progress;
      const began = underWay.get(task)?.began ?? performance.now();
      if (step === 'landed' || step === 'settled') underWay.delete(task);
      else underWay.set(task, { began, step, text });
      if (LASTING.has(step)) block.above(() => io.stderr.write(`${lineOf(io, progress)}\n`));
      draw();
    },
    print: (write) => block.above(write),
    end() {
      clearInterval(ticking);
      block.end();
    },
  };
}

function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}
