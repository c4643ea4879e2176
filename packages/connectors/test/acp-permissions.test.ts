import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { acpConnector } from '../src/index.js';
import { type AcpBench, type AcpScript, edit, step, withAgent } from './acp-bench.js';

const outcomeOf = (bench: AcpBench) => (bench.replies()[0]?.['result'] as JsonObject | undefined)?.['outcome'];
const selected = (optionId: string) => ({ outcome: 'selected', optionId });
const run = (bench: AcpBench) => bench.run(acpConnector);

describe('permission, asked for by an agent of the protocol', () => {
  it('is given for this one call, never for all that are like it', () =>
    withAgent({ steps: [step.ask(edit('src/a.ts'))] }, async (bench) => {
      expect((await run(bench)).result.failure).toBeNull();
      expect(bench.asked).toEqual([{ action: 'file.write', path: 'src/a.ts' }]);
      expect(outcomeOf(bench)).toEqual(selected('yes'));
    }));

  it('is refused when policy denies one of several things, with the next not asked about', () =>
    withAgent(
      { steps: [step.ask({ ...edit('a'), locations: [{ path: 'a' }, { path: 'b' }, { path: 'c' }] })] },
      async (bench) => {
        bench.answer = (request) => ({ allow: !('path' in request && request.path === 'b'), message: 'Not b.' });
        expect((await run(bench)).result.failure).toBeNull();
        expect(bench.asked).toHaveLength(2);
        expect(outcomeOf(bench)).toEqual(selected('no'));
      },
    ));

  it('is refused when the call cannot be judged, or cannot be allowed once', async () => {
    await withAgent({ steps: [step.ask({ kind: 'edit', title: 'Edit' })] }, async (bench) => {
      await run(bench);
      expect([bench.asked, outcomeOf(bench)]).toEqual([[], selected('no')]);
    });
    const options = [{ optionId: 'always', name: 'Always', kind: 'allow_always' }];
    await withAgent({ steps: [step.ask(edit('a'), { options })] }, async (bench) => {
      await run(bench);
      expect(outcomeOf(bench)).toEqual({ outcome: 'cancelled' });
    });
    await withAgent({ steps: [step.request('session/request_permission', { options: [] })] }, async (bench) => {
      await run(bench);
      expect(bench.replies()[0]?.['error']).toMatchObject({ code: -32602 });
    });
  });

  it('is refused when the answer is missing or fails', async () => {
    for (const answer of [() => Promise.reject(new Error('down')), () => undefined as never]) {
      await withAgent({ steps: [step.ask(edit('a'))] }, async (bench) => {
        bench.answer = answer;
        await run(bench);
        expect(outcomeOf(bench)).toEqual(selected('no'));
      });
    }
  });

  it('is judged by what was told of the call before', () =>
    withAgent(
      {
        steps: [
          step.call('c1', { kind: 'execute', rawInput: { command: ['bash', '-lc', 'rm -rf x'], cwd: '/w' } }),
          step.ask({ toolCallId: 'c1' }),
        ],
      },
      async (bench) => {
        await run(bench);
        expect(bench.asked).toEqual([{ action: 'shell.run', command: 'rm -rf x', cwd: '/w' }]);
      },
    ));

  it('ends the attempt when the answer says so, and cancels the turn', async () => {
    for (const ignoreCancel of [false, true]) {
      await withAgent({ steps: [step.ask(edit('a')), { wait: true }], stay: true, ignoreCancel }, async (bench) => {
        bench.answer = () => ({ allow: false, message: 'Needs approval.', stop: true });
        const { result } = await run(bench);
        expect(result.failure).toEqual({ class: 'policy_denied', message: 'Needs approval.' });
        expect(bench.sent('session/cancel')).toHaveLength(1);
        expect(outcomeOf(bench)).toEqual({ outcome: 'cancelled' });
      });
    }
  });

  it('explains an agent that gives up once it was refused', () =>
    withAgent(
      { steps: [step.ask(edit('a'))], replies: { 'session/prompt': { result: { stopReason: 'cancelled' } } } },
      async (bench) => {
        bench.answer = () => ({ allow: false, message: 'Not a.' });
        const message = 'The agent gave up after a call of it was refused: Not a.';
        expect((await run(bench)).result.failure).toEqual({ class: 'policy_denied', message });
      },
    ));
});

describe('an agent that was vouched for', () => {
  const done = step.change('c1', 'completed');
  const failureWith = async (steps: JsonObject[], allow = true, asks = true) => {
    let failure: unknown;
    await withAgent({ steps }, async (bench) => {
      bench.request.config['asks'] = asks;
      bench.answer = () => ({ allow, message: 'No.' });
      failure = (await run(bench)).result.failure;
    });
    return failure;
  };

  it('may do what it asked for, and think', async () => {
    const asked = [step.call('c1', { ...edit('a'), status: 'in_progress' }), step.ask(edit('a')), done, done];
    expect(await failureWith(asked)).toBeNull();
    expect(await failureWith([step.call('c2', { kind: 'think', status: 'completed' })])).toBeNull();
    expect(await failureWith([step.ask(edit('a')), step.change('c1', 'failed')], false)).toBeNull();
    expect(await failureWith([step.call('c1', { ...edit('a') }), step.change('c1', 'failed')])).toBeNull();
  });

  it('is ended when it is seen to act unasked, or against a refusal', async () => {
    const unasked = { class: 'policy_denied', message: 'The agent did not ask before it acted: Write a.' };
    expect(await failureWith([step.call('c1', edit('a')), done, { wait: true }])).toEqual(unasked);
    expect(await failureWith([step.call('c1', { ...edit('a'), status: 'in_progress' })])).toEqual(unasked);
    const command = { title: 'ls', kind: 'execute', status: 'in_progress' };
    expect(await failureWith([step.call('c1', command), step.change('c1', 'failed')])).toMatchObject({
      class: 'policy_denied',
    });
    expect(await failureWith([step.ask(edit('a')), done, { wait: true }], false)).toEqual({
      class: 'policy_denied',
      message: 'The agent did what it was refused: Write a.',
    });
    expect(await failureWith([step.call('c1', edit('a')), done], true, false)).toBeNull();
  });

  it('has asked when it reads and writes through us', async () => {
    const write = step.request('fs/write_text_file', { path: '$WORKSPACE/a', content: 'x' });
    const steps = [step.call('c1', { ...edit('$WORKSPACE/a'), status: 'in_progress' }), write, done];
    expect(await failureWith(steps)).toBeNull();
    const read = step.request('fs/read_text_file', { path: 'README.md' });
    const reading = step.call('c1', { kind: 'read', locations: [{ path: 'README.md' }] });
    expect(await failureWith([reading, read, done])).toBeNull();
    expect(await failureWith([reading, done])).toMatchObject({ class: 'policy_denied' });
  });
});

describe('files, read and written by us for an agent of the protocol', () => {
  const withFiles = (steps: JsonObject[], test: (bench: AcpBench) => Promise<void>): Promise<void> =>
    withAgent({ steps } satisfies AcpScript, test);
  const read = (params: JsonObject) => step.request('fs/read_text_file', params);
  const write = (path: string, content: unknown = 'new\n') =>
    step.request('fs/write_text_file', { path, content: content as string });

  it('are judged first', () =>
    withFiles([write('sub/dir/a.txt'), read({ path: '$WORKSPACE/README.md' }), write('no.txt')], async (bench) => {
      bench.answer = (request) => ({ allow: !JSON.stringify(request).includes('no.txt'), message: 'Rule x.' });
      await run(bench);
      const { path: root } = bench.repo;
      expect(bench.asked).toEqual([
        { action: 'file.write', path: 'sub/dir/a.txt' },
        { action: 'file.write', path: join(root, 'sub/dir/a.txt') },
        { action: 'file.read', path: join(root, 'README.md') },
        { action: 'file.write', path: 'no.txt' },
      ]);
      expect(bench.replies()).toMatchObject([
        { result: {} },
        { result: { content: '# x\n' } },
        { error: { code: -32003, message: 'Rule x.' } },
      ]);
      expect(readFileSync(join(root, 'sub/dir/a.txt'), 'utf8')).toBe('new\n');
      expect(existsSync(join(root, 'no.txt'))).toBe(false);
    }));

  it('are not judged again where a call was allowed to write them', () =>
    withFiles(
      [
        step.ask(edit('$WORKSPACE/a'), { allowed: [write('$WORKSPACE/a'), step.change('c1', 'completed')] }),
        write('$WORKSPACE/a'),
      ],
      async (bench) => {
        await run(bench);
        expect(bench.asked).toHaveLength(2);
      },
    ));

  it('are given from a line on, so many lines', () =>
    withFiles(
      [
        read({ path: 'l', line: 2, limit: 2 }),
        read({ path: 'l', line: 3 }),
        read({ path: 'l', limit: 1 }),
        read({ path: 'l', line: 9 }),
      ],
      async (bench) => {
        writeFileSync(join(bench.repo.path, 'l'), 'one\ntwo\r\nthree\nfour');
        await run(bench);
        const contents = bench.replies().map(({ result }) => (result as JsonObject)['content']);
        expect(contents).toEqual(['two\r\nthree\n', 'three\nfour', 'one\n', '']);
      },
    ));

  it('are refused outside of the workspace, also by way of links, and when they are no files', () =>
    withFiles(
      [
        ...[write('../x'), read({ path: '/etc/hostname' }), write('out/x'), write('dangling'), read({ path: 'loop' })],
        ...[read({ path: '.' }), write('.'), write('README.md/x'), read({ path: 'none' }), read({}), write('a', 7)],
      ],
      async (bench) => {
        const { path: root } = bench.repo;
        const outside = join(bench.request.scratch, '..');
        symlinkSync(outside, join(root, 'out'));
        symlinkSync(join(outside, 'made'), join(root, 'dangling'));
        symlinkSync('loop', join(root, 'loop'));
        await run(bench);
        expect(bench.replies().map(({ error }) => (error as JsonObject | undefined)?.['code'])).toEqual([
          ...[-32003, -32003, -32003, -32003, -32003],
          ...[-32003, -32003, -32003, -32002, -32602, -32602],
        ]);
        for (const name of ['x', 'made']) expect(existsSync(join(outside, name))).toBe(false);
      },
    ));

  it('are judged by where a link leads, and may lie in the scratch folder', () =>
    withFiles([read({ path: 'link' }), write('$TMPDIR/notes')], async (bench) => {
      const { path: root } = bench.repo;
      mkdirSync(join(root, 'secret'));
      writeFileSync(join(root, 'secret/.env'), 'x');
      symlinkSync('secret/.env', join(root, 'link'));
      await run(bench);
      expect(bench.asked.slice(0, 2)).toEqual([
        { action: 'file.read', path: 'link' },
        { action: 'file.read', path: join(root, 'secret/.env') },
      ]);
      expect(readFileSync(join(bench.request.scratch, 'tmp/notes'), 'utf8')).toBe('new\n');
    }));

  it('are not written when the attempt ended or the path moved while a person thought', () =>
    withFiles([write('dir/a'), write('b')], async (bench) => {
      const { path: root } = bench.repo;
      mkdirSync(join(root, 'dir'));
      bench.answer = (request) => {
        if ('path' in request && request.path === 'dir/a') symlinkSync('../README.md', join(root, 'dir/a'));
        if ('path' in request && request.path === 'b') bench.abort();
        return { allow: true, message: 'fine' };
      };
      expect((await run(bench)).result.failure?.class).toBe('cancelled');
      expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('# x\n');
      expect(existsSync(join(root, 'b'))).toBe(false);
    }));
});
