import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock, createTempDir, createTempRepo } from '@signalbox/testkit';
import { probeSandbox } from '../../src/index.js';
import { whySkipped, withSandbox } from './sandbox-bench.js';

describe('the probe of the sandbox', () => {
  const clock = createFakeClock();

  it('says that bubblewrap is not installed, and how to install it', async () => {
    expect(await probeSandbox({ environment: { PATH: '/nonexistent' }, clock })).toMatchObject({
      works: false,
      reason: expect.stringContaining('not installed'),
      hint: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  it('quotes a bubblewrap that cannot begin', async () => {
    const dir = createTempDir();
    try {
      writeFileSync(
        join(dir.path, 'bwrap'),
        '#!/bin/sh\necho "bwrap: No permissions to create a namespace" >&2\nexit 1\n',
        {
          mode: 0o755,
        },
      );
      const environment = { PATH: `${dir.path}:${process.env['PATH']}` };
      expect(await probeSandbox({ environment, clock })).toMatchObject({
        works: false,
        reason: expect.stringContaining('No permissions to create a namespace'),
        hint: expect.stringContaining('user namespaces'),
      });
    } finally {
      dir.remove();
    }
  });

  it('does not believe one that starts the program and holds nothing', async () => {
    const dir = createTempDir();
    try {
      const script = '#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"\n';
      writeFileSync(join(dir.path, 'bwrap'), script, { mode: 0o755 });
      const environment = { PATH: `${dir.path}:${process.env['PATH']}` };
      expect(await probeSandbox({ environment, clock })).toMatchObject({
        works: false,
        reason: expect.stringContaining('does not hold'),
      });
    } finally {
      dir.remove();
    }
  });

  it('says so when it has no place to try', async () => {
    const environment = { PATH: process.env['PATH'] ?? '', TMPDIR: '/nonexistent' };
    const { works } = await probeSandbox({ environment, clock });
    expect(works).toBe(false);
  });
});

if (whySkipped !== null) {
  console.log(`No sandbox works here (${whySkipped}): its tests are left out.`);
  describe('a sandbox', () => {
    it('is not tested here', () => expect(whySkipped).not.toBeNull());
  });
} else {
  describe('a sandbox', () => {
    it('lets its folder be written to, and nothing else', () =>
      withSandbox(async ({ sh, folders }) => {
        const tries = [
          'echo made > made && echo workspace',
          `echo x > ${folders.other}/file`,
          `rm ${folders.other}/file`,
          'touch /etc/signalbox-was-here',
          `touch ${process.env['HOME']}/signalbox-was-here`,
          'echo x > /tmp/own && echo temporary',
        ];
        const { out } = await sh(tries.map((line) => `(${line}) 2>/dev/null || echo refused`).join('\n'));
        expect(out.split('\n')).toEqual(['workspace', 'refused', 'refused', 'refused', 'refused', 'temporary']);
        expect(readFileSync(join(folders.workspace, 'made'), 'utf8')).toBe('made\n');
        expect(readFileSync(join(folders.other, 'file'), 'utf8')).toBe('theirs');
        expect(existsSync('/tmp/own')).toBe(false);
      }));

    it('is not left through links out of its folder', () =>
      withSandbox(async ({ sh, folders }) => {
        symlinkSync(folders.other, join(folders.workspace, 'folder'));
        symlinkSync(join(folders.other, 'file'), join(folders.workspace, 'soft'));
        await sh(`echo x > folder/new; echo x > soft; ln ${folders.other}/file hard && echo x > hard`);
        expect(existsSync(join(folders.other, 'new'))).toBe(false);
        expect(readFileSync(join(folders.other, 'file'), 'utf8')).toBe('theirs');
        expect(existsSync(join(folders.workspace, 'hard'))).toBe(false);
      }));

    it('cannot keep a file that is linked into its folder from being written to, since that is the same file', () =>
      withSandbox(async ({ sh, folders }) => {
        linkSync(join(folders.other, 'file'), join(folders.workspace, 'hard'));
        await sh('echo x > hard');
        expect(readFileSync(join(folders.other, 'file'), 'utf8')).toBe('x\n');
      }));

    it('does not show what is hidden, be it a folder or a file', () =>
      withSandbox(async ({ sh, folders, sandbox }) => {
        const file = join(folders.other, 'file');
        const more = { hidden: [...sandbox.hidden, file] };
        const { out } = await sh(
          `ls -A ${folders.hidden}; cat ${file}; echo x > ${folders.hidden}/key || echo no`,
          more,
        );
        expect(out.split('\n')[0]).toBe('no');
        expect(out).not.toContain('secret');
        expect(out).not.toContain('theirs');
        expect(readFileSync(join(folders.hidden, 'key'), 'utf8')).toBe('secret');
      }));

    it('shows what lies deeper through what is hidden or writable around it', () =>
      withSandbox(async ({ sh, folders }) => {
        mkdirSync(join(folders.hidden, 'mine'));
        mkdirSync(join(folders.workspace, 'settings'));
        const { out } = await sh(
          `echo x > ${folders.hidden}/mine/new && ls ${folders.hidden}; touch settings/x || echo held; mv settings gone || echo stays`,
          {
            writable: [folders.workspace, join(folders.hidden, 'mine')],
            readable: [join(folders.workspace, 'settings')],
          },
        );
        expect(out.split('\n').filter((line) => !line.includes(':'))).toEqual(['mine', 'held', 'stays']);
        expect(existsSync(join(folders.hidden, 'mine/new'))).toBe(true);
      }));

    it('cannot be taken down from the inside', () =>
      withSandbox(async ({ sh, folders }) => {
        const undo = `umount -l ${folders.hidden}; mount -o remount,bind,rw /; mount -o remount,bind,rw ${folders.other}; cat ${folders.hidden}/key; echo x > ${folders.other}/file`;
        const { out } = await sh(
          `(${undo}) 2>&1; unshare -Urm sh -c '${undo}' 2>&1; cat /proc/1/root${folders.hidden}/key`,
        );
        expect(out).not.toContain('secret');
        expect(readFileSync(join(folders.other, 'file'), 'utf8')).toBe('theirs');
      }));

    it('writes to no setting of the kernel, also as root', () =>
      withSandbox(async ({ sh }) => {
        const { out } = await sh(
          'for name in kernel/core_pattern vm/drop_caches; do test -w /proc/sys/$name || echo held; done',
        );
        expect(out).toBe('held\nheld');
      }));

    it('neither sees nor signals processes outside', () =>
      withSandbox(async ({ sh }) => {
        const { out } = await sh(`kill -9 ${process.pid} 2>/dev/null || echo no such; ls -d /proc/[0-9]* | wc -l`);
        const [answer, count] = out.split('\n');
        expect(answer).toBe('no such');
        expect(Number(count)).toBeLessThan(8);
      }));

    it('has a network only where it is to have one', () =>
      withSandbox(async ({ sh, base }) => {
        const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
        await new Promise((listening) => server.once('listening', listening));
        const { port } = server.address() as { port: number };
        const ask = `require("net").connect(${port}, "127.0.0.1").on("data", (d) => console.log(String(d))).on("error", (e) => console.log(e.code))`;
        base.environment['PATH'] = `${process.execPath.replace(/\/node$/, '')}:${base.environment['PATH']}`;
        try {
          expect((await sh(`node -e '${ask}'`)).out).toBe('hello');
          expect((await sh(`node -e '${ask}'`, { network: false })).out).toBe('ECONNREFUSED');
        } finally {
          server.close();
        }
      }));

    it('hides the sockets of the machine', () =>
      withSandbox(async ({ sh }) => {
        expect((await sh('find /run /var/run/ -type s | wc -l')).out).toBe('0');
      }));

    it('gives a temporary folder where that of the environment cannot be written to', () =>
      withSandbox(async ({ sh, base, folders }) => {
        base.environment['TMPDIR'] = folders.other;
        expect((await sh('echo $TMPDIR; mktemp >/dev/null && echo made')).out).toBe('/tmp\nmade');
        base.environment['TMPDIR'] = join(folders.workspace, 'tmp');
        expect((await sh('echo $TMPDIR')).out).toBe(join(folders.workspace, 'tmp'));
      }));

    it('finds programs that PATH names by a link in a temporary folder', () =>
      withSandbox(async ({ sh, base, dir, sandbox }) => {
        const bin = join(dir.path, 'bin');
        mkdirSync(bin);
        writeFileSync(join(bin, 'hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
        symlinkSync(bin, join(dir.path, 'link'));
        base.environment['PATH'] = `${join(dir.path, 'link')}:${base.environment['PATH']}`;
        expect((await sh('hello', { readable: [], hidden: [], writable: sandbox.writable })).out).toBe('hello');
      }));

    it('leaves git in a worktree to look, not to commit', () =>
      withSandbox(async ({ sh, sandbox, folders }) => {
        const repo = createTempRepo({ files: { 'a.txt': 'a\n' } });
        try {
          const tree = join(folders.workspace, 'tree');
          repo.git('worktree', 'add', '--quiet', tree);
          const { out } = await sh(
            'cd tree; echo b > a.txt; git status --porcelain; git diff --stat | tail -1; git log --oneline | wc -l; git commit -qam x 2>/dev/null || echo no commit; git config user.name x 2>/dev/null || echo no config',
            { readable: [...sandbox.readable, repo.path] },
          );
          expect(out.split('\n').map((line) => line.trim())).toEqual([
            'M a.txt',
            '1 file changed, 1 insertion(+), 1 deletion(-)',
            '1',
            'no commit',
            'no config',
          ]);
        } finally {
          repo.remove();
        }
      }));
  });
}
