import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../src/program.js';
import { runIn, withProject } from './support/project.js';

/** Every command with something to do, by its words. */
function commandsOf(command: Command, words: string[] = []): string[][] {
  if (command.commands.length === 0) return [words];
  return command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]));
}

const io = { stdout: { write: () => true }, stderr: { write: () => true }, columns: 80 };
const COMMANDS = commandsOf(
  createProgram(
    io as never,
    () => {},
    async () => 0,
  ),
).map((words) => words.join(' '));

describe('the command line', () => {
  it('declares the same commands of a noun whether it is alone or not', () => {
    const nouns = new Set(COMMANDS.map((words) => words.split(' ')).flatMap(([noun, verb]) => (verb ? [noun] : [])));
    expect(nouns.size).toBe(10);
    for (const noun of nouns) {
      const alone = createProgram(
        io as never,
        () => {},
        async () => 0,
        [noun as string, 'list'],
      );
      const words = commandsOf(alone).map((each) => each.join(' '));
      expect(words).toEqual(COMMANDS.filter((each) => each.startsWith(`${noun} `)));
    }
  });

  it('has these commands', () => {
    expect(COMMANDS).toEqual([
      ...['init', 'doctor', 'demo', 'trust', 'status', 'cost', 'land'],
      ...['task create', 'task list', 'task show', 'task why', 'task log', 'task diff', 'task patch'],
      ...['task evidence', 'task watch'],
      ...[
        'task update',
        'task cancel',
        'task revert',
        'task retry',
        'task claim',
        'task start',
        'task heartbeat',
        'task release',
      ],
      ...['task lock add', 'task complete', 'task fail', 'task requeue', 'task import', 'task export', 'task graph'],
      'task accept',
      'task execute',
      ...[
        'ai register',
        'ai list',
        'ai label',
        'ai update',
        'ai show',
        'ai status',
        'ai pause',
        'ai resume',
        'ai remove',
      ],
      'connector list',
      'connector test',
      'route explain',
      ...['workspace list', 'workspace discard'],
      ...['policy validate', 'policy show', 'policy explain', 'policy test', 'policy check'],
      ...['policy decisions list', 'policy decisions show', 'policy replay', 'policy backtest'],
      ...['policy override add', 'policy override list', 'policy override revoke'],
      ...['policy compile', 'policy hook', 'policy schema'],
      ...['approval list', 'approval show', 'approval approve', 'approval reject'],
      ...[
        'audit log',
        'audit verify',
        'audit recover',
        'audit export',
        'audit checkpoint',
        'audit rotate-key',
        'audit seal',
      ],
      ...['evidence show', 'evidence verify', 'evidence export', 'evidence remove'],
      ...['backup create', 'backup verify', 'backup restore'],
    ]);
  });

  it.each(COMMANDS)('explains `%s`, with an example and the common options', async (words) => {
    const { exitCode, stdout, stderr } = await runIn({}, [...words.split(' '), '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`Example:\n  $ signalbox ${words}`);
    expect(stdout).toContain('--json');
    expect(stdout).toContain('--root <dir>');
    for (const line of stdout.split('\n')) if (!line.startsWith('  $ ')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('shows what to choose from when a command is missing', async () => {
    const program = await runIn({}, []);
    expect(program).toMatchObject({ exitCode: 2, stdout: '' });
    expect(program.stderr).toContain('signalbox init');
    const noun = await runIn({}, ['task']);
    expect(noun.exitCode).toBe(2);
    expect(noun.stderr).toMatch(/create [\s\S]*execute [\s\S]*A command is missing\.\n/);
  });

  it.each([
    [['taks', 'list'], 'task'],
    [['task', 'lst'], 'list'],
    [['task', 'list', '--staus', 'done'], '--status'],
  ])('suggests the nearest for %j', async (argv, nearest) => {
    const { exitCode, stdout, stderr } = await runIn({}, argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`Did you mean ${nearest}?`);
  });

  it('tells a script of a mistake in one document, and in two sentences a person', async () => {
    const script = await runIn({}, ['task', 'create', '--json']);
    expect(script).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(script.stderr)).toEqual({
      error: { code: 'USAGE', message: expect.stringMatching(/title.*\.$/), hint: 'See the command with --help.' },
    });
    const person = await runIn({}, ['task', 'claim']);
    expect(person.stderr).toMatch(/^Required option '--as <holder>' not specified\.\nSee the command with --help\.\n$/);
  });

  it('takes --json and --root in front of the command as well', () =>
    withProject({}, async (project) => {
      const listed = await project.run(['--json', '--root', project.root, 'task', 'list'], { cwd: project.place });
      expect(JSON.parse(listed.stdout)).toEqual({ tasks: [], next: null });
      const joined = await project.run([`--root=${project.root}`, 'task', 'list'], { cwd: project.place });
      expect(joined.stdout).toBe('No tasks.\n');
    }));

  it('says its version', async () => {
    expect((await runIn({}, ['-V'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('asks to report what should not happen', async () => {
    const broken = {
      write: () => {
        throw new Error('the disk is on fire');
      },
    };
    const { exitCode, stderr } = await runIn({ stdout: broken }, ['--help']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Signalbox failed in a way it should not: the disk is on fire\nPlease report this\.\n/);
  });
});
