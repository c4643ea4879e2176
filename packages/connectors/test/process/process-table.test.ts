import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '@signalbox/testkit';
import { agentMarker, bootId, findMarked, isAlive, processIdentity, sweep } from '../../src/index.js';
import { createProcTable } from '../../src/process/proc-table.js';
import type { ProcessTable } from '../../src/process/process-table.js';
import { createPsTable } from '../../src/process/ps-table.js';
import { newAttempt } from './helpers.js';

const NOBODY = 2 ** 30;
const all = (...pids: number[]) => ({ pids, complete: true });
const tables: [string, () => ProcessTable][] = [['ps', createPsTable]];
if (process.platform === 'linux') tables.push(['/proc', createProcTable]);

/** Runs `test` while a process that carries a new marker, and its parent without one, are alive. */
async function withMarked(test: (attempt: string, pid: number, ended: Promise<void>) => Promise<void>): Promise<void> {
  const lifeline = await openLifeline();
  const attempt = newAttempt();
  const env = { PATH: process.env['PATH'], SIGNALBOX_TEST_LIFELINE: lifeline.path, SIGNALBOX_ATTEMPT: attempt };
  const child = spawn(process.execPath, [fixture('holds-lifeline.mjs')], { env: { ...env, SIGNALBOX_AI: 'codex' } });
  const exit = once(child, 'exit');
  try {
    const held = await lifeline.next();
    await test(attempt, held.pid, held.ended);
  } finally {
    child.kill('SIGKILL');
    await exit;
    await lifeline.close();
  }
}

for (const [name, create] of tables) {
  describe(`the process table by ${name}`, () => {
    it('knows this process and its parent', () => {
      const stat = create().stat(process.pid);
      expect(stat).toMatchObject({ parent: process.ppid, dead: false });
      expect(stat?.startTime).not.toBe('');
      expect(create().stat(process.pid)).toEqual(stat);
    });

    it('finds a process by its variable, sweeps it, and nothing else', () =>
      withMarked(async (attempt, pid, ended) => {
        const table = create();
        expect(table.variable(pid, 'SIGNALBOX_AI')).toBe('codex');
        expect(findMarked(attempt, table)).toEqual([pid]);
        expect(findMarked(attempt.slice(0, -1), table)).toEqual([]);
        expect(agentMarker({}, pid, table)).toEqual({ attempt, ai: 'codex' });
        expect(await sweep(attempt, { table })).toEqual([pid]);
        await ended;
        expect(findMarked(attempt, table)).toEqual([]);
      }));

    it('says null of a process that is not there', () => {
      const table = create();
      expect([table.stat(NOBODY), table.variable(NOBODY, 'PATH'), processIdentity(NOBODY, table)]).toEqual([
        null,
        null,
        null,
      ]);
    });
  });
}

describe('the sweep', () => {
  it('does not kill a process that was given the pid in between', async () => {
    const table: ProcessTable = { stat: () => null, variable: () => 'another', withVariable: () => all(NOBODY) };
    expect(await sweep('att_x', { table, rounds: 2, pauseMs: 0 })).toEqual([]);
  });

  it('does not mind that a process has just ended', async () => {
    let rounds = 0;
    const table: ProcessTable = {
      stat: () => null,
      variable: () => 'att_x',
      withVariable: () => (rounds++ === 0 ? all(NOBODY, process.pid) : all()),
    };
    expect(await sweep('att_x', { table, pauseMs: 0 })).toEqual([]);
    expect(rounds).toBe(3);
  });
});

describe('the pause between two sweeps', () => {
  it('is not made when nothing was found and everything seen', async () => {
    const table: ProcessTable = { stat: () => null, variable: () => null, withVariable: () => all() };
    expect(await sweep('att_x', { table, pauseMs: 2 ** 30 })).toEqual([]);
  });

  it('is kept only while a process might have been missed or was found', async () => {
    const answers = [all(NOBODY), { pids: [], complete: false }, all(), all(NOBODY), all(), all(), all()];
    let rounds = 0;
    const table: ProcessTable = {
      stat: () => null,
      variable: () => 'another',
      withVariable: () => answers[rounds++] ?? all(),
    };
    await sweep('att_x', { table, pauseMs: 1 });
    expect(rounds).toBe(3);
  });
});

describe('the identity of a process', () => {
  it('lives as long as the process, and is not that of another with its pid', () =>
    withMarked(async (_attempt, pid, ended) => {
      const identity = processIdentity(pid);
      if (!identity) throw new Error('no identity');
      expect(isAlive(identity)).toBe(true);
      expect(isAlive({ pid, startTime: 'another' })).toBe(false);
      process.kill(pid, 'SIGKILL');
      await ended;
      // Its files are closed a moment before the kernel counts it among the dead.
      for (let looks = 0; looks < 1_000 && isAlive(identity); looks++) await new Promise(setImmediate);
      expect(isAlive(identity)).toBe(false);
    }));

  it('belongs to one boot', () => {
    expect(bootId()).toBe(bootId());
    expect(bootId()).not.toBe('');
  });
});

describe('the marker of an agent', () => {
  const family: ProcessTable = {
    stat: (pid) => (pid > 1 ? { parent: pid - 1, startTime: '1', dead: false } : null),
    variable: (pid, name) => (pid === 3 && name === 'SIGNALBOX_ATTEMPT' ? 'att_far' : null),
    withVariable: () => all(),
  };

  it('is that of the outermost process that has one, whatever an agent sets for its children', async () => {
    const lifeline = await openLifeline();
    const attempt = newAttempt();
    const inner = { SIGNALBOX_ATTEMPT: newAttempt(), SIGNALBOX_AI: 'other' };
    // The shell stays, since it has something left to do; what it starts calls itself another.
    // Composed names, since `ps` would take a word of the line for a variable.
    const line = `N=SIGNALBOX; export \${N}_ATTEMPT=${inner.SIGNALBOX_ATTEMPT} \${N}_AI=other; "$0" "$1"; exit`;
    const agent = spawn('sh', ['-c', line, process.execPath, fixture('holds-lifeline.mjs')], {
      env: {
        ...{ PATH: process.env['PATH'], SIGNALBOX_TEST_LIFELINE: lifeline.path },
        ...{ SIGNALBOX_ATTEMPT: attempt, SIGNALBOX_AI: 'codex' },
      },
    });
    const exit = once(agent, 'exit');
    try {
      const child = await lifeline.next();
      expect(child.pid).not.toBe(agent.pid);
      for (const [, create] of tables) {
        expect(agentMarker(inner, child.pid, create())).toEqual({ attempt, ai: 'codex' });
      }
    } finally {
      await sweep(inner.SIGNALBOX_ATTEMPT);
      agent.kill('SIGKILL');
      await exit;
      await lifeline.close();
    }
  });

  it('is read from the own environment where no process was started with one', () => {
    expect(agentMarker({ SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'claude' }, 2, family)).toEqual({
      attempt: 'att_1',
      ai: 'claude',
    });
    expect(agentMarker({ SIGNALBOX_ATTEMPT: 'att_1' }, 2, family)).toEqual({ attempt: 'att_1', ai: '' });
  });

  it('is found in an ancestor, however the variable was hidden from the child', () => {
    expect(agentMarker({}, 9, family)).toEqual({ attempt: 'att_far', ai: '' });
  });

  it('is null for a process of a person', () => {
    expect(agentMarker({}, 2, family)).toBeNull();
    expect(agentMarker({}, NOBODY, { ...family, stat: () => null })).toBeNull();
    expect(agentMarker({}, NOBODY, { ...family, stat: (pid) => ({ parent: pid, startTime: '', dead: false }) })).toBe(
      null,
    );
  });
});
