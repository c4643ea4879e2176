import { describe, expect, it } from '@jest/globals';
import type { Progress } from '@signalbox/runtime';
import { createProgressView } from '../src/commands/task/live-progress.js';
import type { Io } from '../src/io.js';

function terminal(more: Partial<Io>) {
  const screen: string[] = [''];
  let row = 0;
  const put = (text: string): void => {
    for (const [, up, erase, rest] of text.replaceAll('\u001b', '\u241b').matchAll(/␛\[(\d+)A|(␛\[J)|([^␛]+)/g)) {
      if (up) row -= Number(up);
      if (erase) screen.splice(row, screen.length, '');
      for (const char of rest ?? '') {
        if (char === '\n') screen[++row] ??= '';
        else screen[row] += char;
      }
    }
  };
  const io = { stderr: { write: put }, environment: { NO_COLOR: '1' }, isTerminal: true, columns: 60, ...more };
  return { io: io as unknown as Io, put, screen: () => screen.filter((line) => line !== '') };
}

const at = (task: string, step: Progress['step'], text: string): Progress => ({ task, step, text });

describe('what a person sees while tasks are executed', () => {
  it('is a line for each task under way, drawn anew, below what stays', () => {
    const { io, put, screen } = terminal({ liveTerminal: true });
    const view = createProgressView(io, false);
    view.on(at('tsk_1', 'claimed', 'First'));
    view.on(at('tsk_2', 'claimed', 'Second'));
    view.on(at('tsk_1', 'agent', 'claude works'));
    view.on(at('tsk_1', 'tool', `Bash ${'x'.repeat(200)}`));
    view.on(at('tsk_1', 'output', 'one\ntwo'));
    expect(screen()).toEqual([
      'tsk_1 claimed   First',
      'tsk_2 claimed   Second',
      'tsk_1      0s  output    one two',
      'tsk_2      0s  claimed   Second',
    ]);
    view.on(at('tsk_2', 'refused', 'may not write .env'));
    view.print(() => put('a result\n'));
    view.on(at('tsk_2', 'settled', 'queued'));
    expect(screen().slice(2)).toEqual([
      'tsk_2 refused   may not write .env',
      'a result',
      'tsk_2 settled   queued',
      'tsk_1      0s  output    one two',
    ]);
    view.end();
    expect(screen()).toHaveLength(5);
    expect(Math.max(...screen().map((line) => line.length))).toBeLessThan(60);
  });

  it('is a line a step where nothing can be drawn anew, and what programs print only if it is asked for', () => {
    for (const verbose of [false, true]) {
      const { io, screen } = terminal({});
      const view = createProgressView(io, verbose);
      view.on(at('tsk_1', 'check', 'npm test'));
      view.on(at('tsk_1', 'output', 'fine'));
      view.end();
      expect(screen()).toEqual(['tsk_1 check     npm test', ...(verbose ? ['tsk_1 output    fine'] : [])]);
    }
  });

  it('is whole if what programs print is asked for and nothing is drawn anew', () => {
    const { io, screen } = terminal({ isTerminal: false });
    const view = createProgressView(io, true);
    view.on(at('tsk_1', 'output', `a   b ${'x'.repeat(90)}\n  indented\u001b[2J\n`));
    expect(screen()).toEqual([`tsk_1 output    a   b ${'x'.repeat(90)}`, 'tsk_1 output      indented']);
  });
});
