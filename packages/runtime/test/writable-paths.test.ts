import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import { sandboxSchema, strictestSandbox } from '../src/project/sandbox-config.js';
import { writablePaths } from '../src/sandbox/writable-paths.js';

async function inFolder(test: (at: (path: string) => string, folders: (...paths: string[]) => void) => void) {
  const dir = createTempDir();
  const at = (path: string): string => join(dir.path, path);
  try {
    test(at, (...paths) => {
      for (const path of paths) mkdirSync(at(path), { recursive: true });
    });
  } finally {
    dir.remove();
  }
}

describe('what a sandbox lets be written to', () => {
  it('is what is there of what is named, with "~" for the home and "*" for a part of a name', () =>
    inFolder((at, folders) => {
      folders('home/.cache/go-a', 'home/.cache/go-b', 'home/.cache/pip', 'data');
      writeFileSync(at('home/file'), '');
      const entries = ['~/.cache/go-*', '~/file', at('data'), '~/none', '~/none/*', '~/file/*'];
      expect(writablePaths(entries, at('home'), [])).toEqual(
        ['home/.cache/go-a', 'home/.cache/go-b', 'home/file', 'data'].map(at),
      );
    }));

  it('is the place that a named link leads to, and none that a "*" finds by a link', () =>
    inFolder((at, folders) => {
      folders('real', 'place/a', 'secret');
      symlinkSync(at('real'), at('named'));
      symlinkSync(at('secret'), at('place/b'));
      expect(writablePaths([at('named'), `${at('place')}/*`], '/', [])).toEqual([at('real'), at('place/a')]);
    }));

  it('leaves out what lies in another one, which an attempt could replace', () =>
    inFolder((at, folders) => {
      folders('place', 'secret');
      symlinkSync(at('secret'), at('place/b'));
      folders('place/a');
      expect(writablePaths([at('place/a'), at('place')], '/', [])).toEqual([at('place')]);
    }));

  it('is nothing in, at or far above what is kept; its own folder can be, where what is kept is there', () =>
    inFolder((at, folders) => {
      folders('home/.config/signalbox/trusted', 'home/.config/other');
      symlinkSync(at('home/.config/signalbox'), at('link'));
      const kept = [at('home/.config/signalbox')];
      for (const bad of [at('home'), '/', kept[0] as string, `${kept[0]}/trusted`, at('link')]) {
        expect(() => writablePaths([bad], '/', kept)).toThrow(/kept from them/);
      }
      expect(writablePaths([at('home/.config')], '/', kept)).toEqual([at('home/.config')]);
      expect(writablePaths([at('home/.config/other')], '/', kept)).toEqual([at('home/.config/other')]);
      expect(() => writablePaths([at('home/.config')], '/', [at('home/.config/to-come')])).toThrow(/kept from them/);
    }));
});

describe('the sandbox of a configuration', () => {
  it('names places by whole paths', () => {
    for (const path of ['build', './x', '~ana/x', '/a/../b', '/a/**', '']) {
      expect([path, sandboxSchema.safeParse({ writable: [path] }).success]).toEqual([path, false]);
    }
    expect(sandboxSchema.parse(undefined)).toEqual({ mode: 'none', writable: [], network: true });
  });

  it('that nobody has agreed to only tightens', () => {
    const none = sandboxSchema.parse({});
    const open = sandboxSchema.parse({ mode: 'workspace-write', writable: ['/x'] });
    const closed = sandboxSchema.parse({ mode: 'workspace-write', network: false });
    expect(strictestSandbox(none, null)).toEqual(none);
    expect(strictestSandbox(open, null)).toEqual({ mode: 'workspace-write', writable: [], network: true });
    expect(strictestSandbox(none, closed)).toEqual({ mode: 'workspace-write', writable: [], network: false });
    expect(strictestSandbox(closed, none)).toEqual(closed);
  });
});
