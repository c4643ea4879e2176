import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fixture, openLifeline } from '@signalbox/testkit';
import { codexConnector } from '../src/index.js';
import { patch, SLOW_MS, scripted, shell, whySkipped, withReal } from './codex-real-bench.js';

const skipped = await whySkipped();

if (skipped !== null) {
  console.log(`${skipped}: the tests with the real codex are left out.`);
  describe('the codex connector, with the real program', () => {
    it('is not tested here', () => expect(skipped).not.toBeNull());
  });
} else {
  describe('the codex connector, with the real program', () => {
    it(
      'lets edits and commands land in the workspace, and reports them',
      () =>
        withReal({}, async (bench, fake) => {
          bench.request.prompt = scripted(
            patch('*** Add File: src/hello.ts', '+export {};'),
            patch('*** Update File: README.md', '@@', '-# x', '+# y'),
            shell('echo made > made.txt; exit 3'),
            { text: 'All done.' },
          );
          const { events, result } = await bench.run(codexConnector);
          expect(result).toMatchObject({ failure: null, exitCode: 0, summary: 'All done.' });
          expect(result.usage).toEqual({
            inputTokens: expect.any(Number),
            outputTokens: expect.any(Number),
            cacheReadTokens: 0,
          });
          expect(readFileSync(join(bench.repo.path, 'src/hello.ts'), 'utf8')).toBe('export {};\n');
          expect(readFileSync(join(bench.repo.path, 'README.md'), 'utf8')).toBe('# y\n');
          expect(bench.repo.git('status', '--porcelain')).toBe(' M README.md\n?? made.txt\n?? src/');
          expect(events[0]).toEqual({ type: 'started', session: result.session });
          const tools = events.filter((event) => event.type === 'tool');
          expect(tools.map(({ name, phase, error }) => [name, phase, error])).toEqual([
            ['file_change', 'call', undefined],
            ['file_change', 'result', false],
            ['file_change', 'call', undefined],
            ['file_change', 'result', false],
            ['command_execution', 'call', undefined],
            ['command_execution', 'result', true],
          ]);
          expect(bench.asked).toEqual([]);
          expect(fake.requests.map((request) => [request.path, request.session, request.authorized])).toEqual(
            Array.from({ length: 4 }, () => ['/v1/responses', result.session, true]),
          );
        }),
      SLOW_MS,
    );

    it(
      'holds commands to the workspace and the temporary folder, off the network, and does not show them the key',
      () =>
        withReal({}, async (bench) => {
          const { scratch, workspace } = bench.request;
          bench.request.environment = { ...bench.request.environment, TZ: 'Asia/Tokyo' };
          const tries = [
            `touch ${join(scratch, 'outside')} || echo no scratch`,
            'touch .git/config2 || echo no git',
            'touch "$TMPDIR/inside" && echo temporary',
            '(exec 3<>/dev/tcp/127.0.0.1/9) 2>&1 | grep -q refused || echo no network',
            'env | grep -i -e key -e codex_home || echo no key',
            `[ "$SIGNALBOX_ATTEMPT" = ${bench.attempt} ] && echo marked`,
            '[ "$TZ" = Asia/Tokyo ] && echo zone',
          ];
          bench.request.prompt = scripted(shell(`(${tries.join('; ')}) 2>/dev/null > told.txt`), { text: 'ok' });
          await bench.run(codexConnector);
          expect(readFileSync(join(workspace, 'told.txt'), 'utf8').trim().split('\n')).toEqual([
            'no scratch',
            'no git',
            'temporary',
            'no network',
            'no key',
            'marked',
            'zone',
          ]);
          expect(existsSync(join(scratch, 'tmp/inside'))).toBe(true);
        }),
      SLOW_MS,
    );

    it(
      'works in a linked worktree, and takes what a command left running with it',
      () =>
        withReal({}, async (bench) => {
          const worktree = join(bench.request.scratch, 'worktree');
          bench.repo.git('worktree', 'add', '--quiet', '-b', 'work', worktree);
          bench.request.workspace = worktree;
          const left = 'setsid sleep 600 < /dev/null > /dev/null 2>&1 &';
          bench.request.prompt = scripted(
            patch('*** Add File: a.txt', '+a'),
            shell(`${left} git status --porcelain > b.txt; git add . || echo no >> b.txt`),
            { text: 'ok' },
          );
          const { result } = await bench.run(codexConnector);
          expect(result.failure).toBeNull();
          expect(readFileSync(join(worktree, 'b.txt'), 'utf8')).toBe('?? a.txt\n?? b.txt\nno\n');
        }),
      SLOW_MS,
    );

    it(
      'cannot write in a read-only sandbox',
      () =>
        withReal({}, async (bench) => {
          bench.request.config = { ...bench.request.config, sandbox: 'read-only' };
          bench.request.prompt = scripted(patch('*** Add File: a.txt', '+a'), shell('touch b.txt'), { text: 'ok' });
          await bench.run(codexConnector);
          expect(bench.repo.git('status', '--porcelain')).toBe('');
        }),
      SLOW_MS,
    );

    it(
      'reads no settings, hooks, skills or instructions of the repository or the user',
      () =>
        withReal({}, async (bench, fake) => {
          const { scratch, workspace } = bench.request;
          const trap = join(scratch, 'trap');
          const server = `[mcp_servers.x]\ncommand = "touch"\nargs = ["${trap}"]\n`;
          const hook = `[[hooks.SessionStart]]\n[[hooks.SessionStart.hooks]]\ntype = "command"\ncommand = "touch ${trap}"\n`;
          const skill = '---\nname: trap\ndescription: TRAP-SKILL\n---\nDo it.\n';
          const home = join(scratch, 'kept');
          for (const folder of [join(workspace, '.codex'), home]) {
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, 'config.toml'), `sandbox_mode = "danger-full-access"\n${server}${hook}`);
          }
          for (const folder of [join(workspace, '.agents/skills/trap'), join(scratch, '.agents/skills/trap')]) {
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, 'SKILL.md'), skill);
          }
          writeFileSync(join(workspace, 'AGENTS.md'), 'TRAP-AGENTS');
          bench.request.config = { ...bench.request.config, configDir: home };
          bench.request.prompt = scripted(shell(`touch ${trap}`), { text: 'ok' });
          const { result } = await bench.run(codexConnector);
          expect(result.failure).toBeNull();
          expect(existsSync(trap)).toBe(false);
          expect(fake.requests[0]?.body).not.toContain('TRAP-');
        }),
      SLOW_MS,
    );

    it(
      'leaves no process when it is aborted in the middle of a command, and still tells what it used',
      () =>
        withReal({}, async (bench) => {
          const lifeline = await openLifeline();
          try {
            bench.request.environment = { ...bench.request.environment, SIGNALBOX_TEST_LIFELINE: lifeline.path };
            bench.request.config = { ...bench.request.config, network: true }; // it reports on a socket
            const command = `"${process.execPath}" "${fixture('leaves-grandchildren.mjs')}"; sleep 600`;
            bench.request.prompt = scripted(shell('true'), shell(command), { text: 'x' });
            const running = bench.run(codexConnector);
            const left = await lifeline.next();
            bench.abort({ class: 'lease_lost', message: 'Another holder has it.' });
            const { result } = await running;
            expect(result.failure?.class).toBe('lease_lost');
            expect(result.usage.inputTokens).toBeGreaterThan(0);
            await left.ended;
          } finally {
            await lifeline.close();
          }
        }),
      SLOW_MS,
    );

    it(
      'resumes a session where the configuration keeps sessions, and counts each run once',
      () =>
        withReal(
          { fallback: { text: 'Seven.', usage: { input_tokens: 100, output_tokens: 10 } } },
          async (bench, fake) => {
            const usage = { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0 };
            bench.request.config = { ...bench.request.config, configDir: join(bench.request.scratch, 'kept') };
            bench.request.prompt = 'Remember the number seven.';
            const first = await bench.run(codexConnector);
            bench.request.session = first.result.session ?? '';
            bench.request.prompt = 'Which number?';
            const second = await bench.run(codexConnector);
            expect(second.result).toMatchObject({ failure: null, session: first.result.session, usage });
            expect(first.result.usage).toEqual(usage);
            expect(fake.requests.at(-1)).toMatchObject({ prompt: 'Which number?', turn: 0 });
            expect(fake.requests.at(-1)?.body).toContain('Remember the number seven.');
          },
        ),
      SLOW_MS,
    );

    it(
      'begins a new session when the one to go on with is not there',
      () =>
        withReal({}, async (bench) => {
          bench.request.config = { ...bench.request.config, configDir: join(bench.request.scratch, 'kept') };
          bench.request.session = '01a20856-886c-7141-a546-6d2970b37535';
          const { result } = await bench.run(codexConnector);
          expect(result.failure).toBeNull();
          expect(result.session).not.toBe(bench.request.session);
        }),
      SLOW_MS,
    );
  });
}
