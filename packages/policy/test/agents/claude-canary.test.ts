import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type FakeTurn, realClaude } from '@signalbox/testkit';
import { compileForAgent } from '../../src/agents/index.js';
import { load } from '../support.js';
import { runClaude } from './run-claude.js';

const program = realClaude();
// A cold start of the real program takes two seconds, more on a busy machine.
const SLOW_MS = 60_000;

const POLICY = load(`version: 1
scope: project
default: ask
rules:
  - { id: no-docs, effect: deny, on: [file.write], when: 'resource.path.glob("docs/**")' }
  - { id: no-secrets, effect: deny, on: [file.read], when: 'resource.path.glob("**/.env*")' }
  - { id: no-forbidden, effect: deny, on: [shell.run], command: { argv: [node, forbidden.mjs, "..."] } }
  - { id: sources, effect: allow, on: [file.write], when: 'resource.path.glob("src/**")' }
  - { id: allowed, effect: allow, on: [shell.run], command: { argv: [node, allowed.mjs] } }`);

const FILES = {
  '.env': 'KEY=planted-secret',
  'forbidden.mjs': "import { writeFileSync } from 'node:fs'; writeFileSync('forbidden.txt', '');",
  'allowed.mjs': "import { writeFileSync } from 'node:fs'; writeFileSync('allowed.txt', '');",
};

const bash = (command: string): FakeTurn => ({ tool: { name: 'Bash', input: { command } } });
const write = (file_path: string): FakeTurn => ({ tool: { name: 'Write', input: { file_path, content: 'x' } } });
const read = (file_path: string): FakeTurn => ({ tool: { name: 'Read', input: { file_path } } });

const turns = (workspace: string): FakeTurn[] => [
  bash('node forbidden.mjs'),
  bash('node allowed.mjs && node forbidden.mjs --again'),
  write(join(workspace, 'docs/a.md')),
  read(join(workspace, '.env')),
  bash('node allowed.mjs'),
  write(join(workspace, 'src/a.ts')),
];

/** Which of the files that a run may leave are there. */
const left = (workspace: string): string[] =>
  ['forbidden.txt', 'docs/a.md', 'allowed.txt', 'src/a.ts'].filter((file) => existsSync(join(workspace, file)));

const compiled = compileForAgent(POLICY, 'claude-code', { hookCommand: ['false'] });
type Settings = Record<string, unknown> & { permissions: Record<string, unknown> };

// A hook that denies by what it is told, in the shape that claude documents, and lets everything else pass to the settings.
const HOOK = `let text = '';
for await (const part of process.stdin) text += part;
const { hook_event_name, tool_name, tool_input, cwd } = JSON.parse(text);
if (hook_event_name !== 'PreToolUse' || !cwd) process.exit(1);
const isDenied = tool_input.command?.includes('allowed.mjs');
const decision = isDenied ? 'deny' : 'allow';
const answer = { hookEventName: 'PreToolUse', permissionDecision: decision, permissionDecisionReason: 'Rule no-node: ' + tool_name };
console.log(JSON.stringify({ hookSpecificOutput: answer }));`;

if (program === null) {
  console.log('The real claude program is not installed (npm run agents:install): the canary is left out.');
  describe('the real claude under compiled settings', () => {
    it('is not tested here', () => expect(program).toBeNull());
  });
} else {
  describe('the real claude under compiled settings', () => {
    it(
      'refuses what policy denies and does what it allows, without any hook',
      () =>
        runClaude(
          { program, compiled, files: FILES, turns, change: (settings) => ({ ...settings, hooks: {} }) },
          ({ workspace, exit, results }) => {
            expect([exit, left(workspace)]).toEqual([0, ['allowed.txt', 'src/a.ts']]);
            expect(results).toHaveLength(6);
            expect(results.slice(0, 4).every((result) => /denied|permission/i.test(result))).toBe(true);
            expect(results.join('\n')).not.toContain('planted-secret');
          },
        ),
      SLOW_MS,
    );

    it(
      'refuses it also where a user has allowed everything else',
      () =>
        runClaude(
          {
            program,
            compiled,
            files: FILES,
            turns,
            change: (settings) => {
              const { permissions } = settings as Settings;
              return { permissions: { ...permissions, allow: ['Bash', 'Edit', 'Write', 'Read'] } };
            },
          },
          ({ workspace, results }) => {
            expect(left(workspace)).toEqual(['allowed.txt', 'src/a.ts']);
            expect(results.join('\n')).not.toContain('planted-secret');
          },
        ),
      SLOW_MS,
    );

    it(
      'refuses everything where the hook cannot be run',
      () => {
        const broken = compileForAgent(POLICY, 'claude-code', { hookCommand: ['/no/such/program', 'hook'] });
        return runClaude({ program, compiled: broken, files: FILES, turns }, ({ workspace, exit, results }) => {
          expect([exit, left(workspace)]).toEqual([0, []]);
          expect(results.at(-1)).toContain('hook error');
        });
      },
      SLOW_MS,
    );

    it(
      'asks the hook before each call and does what it says, but nothing that the settings deny',
      () => {
        const hooked = compileForAgent(POLICY, 'claude-code', { hookCommand: [process.execPath, 'hook.mjs'] });
        const files = { ...FILES, 'hook.mjs': HOOK };
        const more = (workspace: string): FakeTurn[] => [...turns(workspace), write(join(workspace, 'other/b.ts'))];
        return runClaude({ program, compiled: hooked, files, turns: more }, ({ workspace, results }) => {
          expect(left(workspace)).toEqual(['src/a.ts']);
          expect(readFileSync(join(workspace, 'other/b.ts'), 'utf8')).toBe('x');
          expect(results[4]).toContain('Rule no-node: Bash');
        });
      },
      SLOW_MS,
    );
  });
}
