import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { acpConnector, claudeCodeConnector, codexConnector, commandConnector } from '../src/index.js';
import { withRun } from './run-bench.js';

const AGENTS = [claudeCodeConnector, codexConnector, acpConnector];

describe('an attempt that cannot begin', () => {
  it.each(AGENTS.map((connector) => [connector.id, connector] as const))('of %s has a run line', (id, connector) =>
    withRun(async (bench) => {
      bench.request.run = { shell: 'true' };
      const { events, result } = await bench.run(connector);
      expect(events).toHaveLength(1);
      expect(result.failure).toMatchObject({ class: 'agent_error' });
      expect(result.failure?.message).toMatch(new RegExp(`^${id} takes a prompt`));
    }),
  );

  it.each([...AGENTS, commandConnector].map((connector) => [connector.id, connector] as const))(
    'of %s has a folder that cannot be made ready: it crashes, and nothing is started',
    (_, connector) =>
      withRun(async (bench) => {
        const file = join(bench.request.scratch, 'file');
        writeFileSync(file, '');
        bench.request.scratch = join(file, 'below');
        bench.request.config = { argv: ['sh', '-c', 'touch started'] };
        const { events, result } = await bench.run(connector);
        expect(events).toHaveLength(1);
        expect(result.failure?.class).toBe('crashed');
        expect(existsSync(join(bench.repo.path, 'started'))).toBe(false);
      }),
  );

  it('is cancelled before anything of it is made ready', () =>
    withRun(async (bench) => {
      bench.abort();
      const before = existsSync(join(bench.request.scratch, 'tmp'));
      const { result } = await bench.run(codexConnector);
      expect(result.failure?.class).toBe('cancelled');
      expect(existsSync(join(bench.request.scratch, 'tmp'))).toBe(before);
    }));
});
