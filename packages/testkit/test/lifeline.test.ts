import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '../src/index.js';

describe('a lifeline', () => {
  it('tells of a process and of its end, also of one that leads its own session', async () => {
    const lifeline = await openLifeline();
    try {
      const env = { ...process.env, SIGNALBOX_TEST_LIFELINE: lifeline.path };
      const parent = spawn(process.execPath, [fixture('leaves-grandchildren.mjs')], { env });
      const [output] = (await once(parent.stdout, 'data')) as [Buffer];
      const told = JSON.parse(output.toString('utf8')) as { grandchild: number };
      const held = await lifeline.next();
      expect(held.pid).toBe(told.grandchild);
      process.kill(held.pid, 'SIGKILL');
      await held.ended;
    } finally {
      await lifeline.close();
    }
  });

  it('gives processes in the order in which they come, also to those who asked first', async () => {
    const lifeline = await openLifeline();
    try {
      const env = { ...process.env, SIGNALBOX_TEST_LIFELINE: lifeline.path };
      const asked = lifeline.next();
      const child = spawn(process.execPath, [fixture('holds-lifeline.mjs')], { env });
      const held = await asked;
      expect(held.pid).toBe(child.pid);
      child.kill('SIGKILL');
      await held.ended;
    } finally {
      await lifeline.close();
    }
  });

  it('does not wait for a process that stays when it is closed, which ends then', async () => {
    const lifeline = await openLifeline();
    const env = { ...process.env, SIGNALBOX_TEST_LIFELINE: lifeline.path };
    const child = spawn(process.execPath, [fixture('holds-lifeline.mjs')], { env });
    const exited = once(child, 'exit');
    await lifeline.next();
    await lifeline.close();
    expect(await exited).toEqual([0, null]);
  });
});
