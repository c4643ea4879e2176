import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { offerCli } from '../src/executor/agent-tools.js';

describe('our own command line on the PATH of an agent', () => {
  it('runs as that agent’s, also for a caller that has shed its marker or has another', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'signalbox-tools-'));
    try {
      const cli = ['/bin/sh', '-c', 'echo "$SIGNALBOX_ATTEMPT $SIGNALBOX_AI $HOME"'];
      const marker = { attempt: 'att_1', ai: 'codex' };
      const { PATH = '' } = await offerCli({ cli, environment: { HOME: '/home/ana' } }, scratch, marker, {
        PATH: '/usr/bin:/bin',
      });
      const answer = (env: Record<string, string>) => execFileSync('signalbox', { env, encoding: 'utf8' }).trim();
      expect(answer({ PATH })).toBe('att_1 codex /home/ana');
      expect(answer({ PATH, SIGNALBOX_ATTEMPT: '', SIGNALBOX_AI: 'claude' })).toBe('att_1 codex /home/ana');
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});
