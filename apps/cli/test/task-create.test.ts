import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, type Ran, withProject } from './support/project.js';

interface Refused {
  exitCode: number;
  code: string;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
}

async function refused(project: Project, ...argv: string[]): Promise<Refused> {
  const { exitCode, stdout, stderr }: Ran = await project.run([...argv, '--json']);
  expect(stdout).toBe('');
  return { exitCode, ...JSON.parse(stderr).error };
}

describe('signalbox task create', () => {
  it('gives the task as the contract has it', () =>
    withProject({}, async (project) => {
      const task = await project.add('Fix the login');
      expect(task).toMatchObject({
        id: expect.stringMatching(/^tsk_/),
        title: 'Fix the login',
        description: '',
        type: 'chore',
        status: 'queued',
        priority: 0,
        needs: [],
        locks: [],
        labels: {},
        checks: [],
        attempt: 0,
        maxAttempts: 3,
        blockedBy: [],
        lease: null,
        version: expect.any(Number),
      });
    }));

  it('takes everything that its options say', () =>
    withProject({}, async (project) => {
      const { id: need } = await project.add('First');
      const task = await project.add(
        'Second',
        ...['--description', 'Do it well', '--type', 'bugfix', '--priority', 'urgent', '--need', need.slice(0, -1)],
        ...[
          '--lock',
          'src/**',
          '--lock',
          'docs/*',
          '--lock-shared',
          'lib/**',
          '--label',
          'area=api',
          '--label',
          'q=a=b',
        ],
        ...['--capability', 'code', '--ai', 'claude', '--check', 'npm test', '--check', 'npm run lint'],
        ...['--max-attempts', '5', '--timeout', '10m', '--not-before', '2100-01-01T00:00:00Z'],
      );
      expect(task).toMatchObject({
        description: 'Do it well',
        type: 'bugfix',
        priority: 20,
        needs: [need],
        locks: [
          { glob: 'src/**', mode: 'exclusive' },
          { glob: 'docs/*', mode: 'exclusive' },
          { glob: 'lib/**', mode: 'shared' },
        ],
        labels: { area: 'api', q: 'a=b' },
        capabilities: ['code'],
        ai: 'claude',
        checks: ['npm test', 'npm run lint'],
        maxAttempts: 5,
        timeoutMs: 600_000,
        notBefore: '2100-01-01T00:00:00.000Z',
        status: 'blocked',
        blockedBy: [{ kind: 'dependency', task: need }],
      });
      expect(await project.add('Third', '--run', 'npm test', '--priority', '-3')).toMatchObject({
        type: 'command',
        run: { shell: 'npm test' },
        priority: -3,
      });
    }));

  it('tells a person all of it in a short paragraph', () =>
    withProject({}, async (project) => {
      const { id: need } = await project.add('First');
      const options = ['--lock', 'a/**', '--lock-shared', 'b/**', '--label', 'x=y', '--ai', 'sh', '--check', 'true'];
      const argv = ['task', 'create', 'Second', '--need', need, '--not-before', '2100-01-01T00:00:00Z', ...options];
      const { stdout } = await project.run(argv);
      expect(stdout.split('\n')).toEqual([
        expect.stringMatching(/^tsk_\w+ {2}blocked {2}Second$/),
        '  type chore, priority 0, attempt 0 of 3, for sh',
        `  needs: ${need}`,
        '  locks: a/**, b/** (shared)',
        '  labels: x=y',
        '  check: true',
        `  waits: it needs ${need}`,
        '  not before 2100-01-01T00:00:00.000Z',
        '',
      ]);
      expect((await project.run(['task', 'create', 'Third', '--run', 'npm test'])).stdout).toContain(
        '  run: npm test\n',
      );
    }));

  it('reads the prompt from a file, or from standard input', () =>
    withProject({}, async (project) => {
      project.write('prompt.md', 'From a file.\n');
      expect((await project.add('x', '--file', 'prompt.md')).description).toBe('From a file.\n');
      const stdin = Readable.from([Buffer.from('From '), 'standard ', 'input.']);
      const { stdout } = await project.run(['task', 'create', 'x', '--file', '-', '--json'], { stdin });
      expect(JSON.parse(stdout).description).toBe('From standard input.');
      expect(await refused(project, 'task', 'create', 'x', '--file', 'nowhere.md')).toMatchObject({
        exitCode: 2,
        code: 'USAGE',
      });
      expect(await refused(project, 'task', 'create', 'x', '--file', '-', '--description', 'y')).toMatchObject({
        exitCode: 2,
        message: '--description and --file exclude each other.',
      });
    }));

  it('creates one task for one idempotency key', () =>
    withProject({}, async (project) => {
      const first = await project.add('Once', '--idempotency-key', 'k1');
      expect(await project.add('Once', '--idempotency-key', 'k1')).toEqual(first);
      expect((await project.ask<{ tasks: Task[] }>('task', 'list')).tasks).toHaveLength(1);
      expect(await refused(project, 'task', 'create', 'Other', '--idempotency-key', 'k1')).toMatchObject({
        exitCode: 4,
        code: 'IDEMPOTENCY_MISMATCH',
      });
    }));

  it('keeps a secret out of the queue and out of the ledger', () =>
    withProject({}, async (project) => {
      const secret = `ghp_${'a1B2'.repeat(9)}`;
      const task = await project.add('x', '--description', `Use ${secret} to log in`);
      expect(task.description).not.toContain(secret);
      expect((await project.run(['audit', 'export'])).stdout).not.toContain(secret);
    }));

  it.each([
    ['an empty title', ['  '], 'INVALID_TASK'],
    ['a type that there is not', ['x', '--type', 'magic'], 'INVALID_TASK'],
    ['a priority that is no word', ['x', '--priority', 'soonish'], 'INVALID_TASK'],
    ['a glob that is none', ['x', '--lock', 'src/[a'], 'INVALID_TASK'],
    ['a need that there is not', ['x', '--need', 'tsk_nowhere'], 'UNKNOWN_NEED'],
    ['a label without a value', ['x', '--label', 'area'], 'USAGE'],
    ['too many attempts', ['x', '--max-attempts', '101'], 'USAGE'],
    ['a duration that is none', ['x', '--timeout', '5 minutes'], 'USAGE'],
    ['a time that is none', ['x', '--not-before', 'tomorrow'], 'USAGE'],
  ])('refuses %s', (_, argv, code) =>
    withProject({}, async (project) => {
      expect(await refused(project, 'task', 'create', ...argv)).toMatchObject({
        exitCode: 2,
        code,
        message: expect.stringMatching(/\.$/),
        hint: expect.any(String),
      });
      expect(await project.ask('task', 'list')).toEqual({ tasks: [], next: null });
    }),
  );
});
