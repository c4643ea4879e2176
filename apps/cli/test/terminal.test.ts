import { describe, expect, it } from '@jest/globals';
import { currentFolder } from '../src/current-folder.js';
import { oneLine, safeCopy, safeText } from '../src/terminal/safe-text.js';
import { shortDigest } from '../src/terminal/short-digest.js';
import { clip, table } from '../src/terminal/table.js';
import { wrapText } from '../src/terminal/wrap-text.js';
import { withProject } from './support/project.js';

/** Clears the screen, sets the window title, turns the direction of writing, rings, goes back to the start of the line. */
const HOSTILE = 'a\x1b[2J\x1b]0;owned\x07b\x1bc\u202ed\u2066e\x07\r\x9b31mf';

describe('a text that is shown', () => {
  it('has no control characters but tabs and line ends', () => {
    expect(safeText(HOSTILE)).toBe('abdef');
    expect(safeText('a\tb\r\nc')).toBe('a\tb\nc');
    expect(safeText('Größe “x” → 🚂 👩‍👩‍👧 שלום')).toBe('Größe “x” → 🚂 👩‍👩‍👧 שלום');
  });

  it('is safe wherever it stands in what is printed', () => {
    const value = { [HOSTILE]: [HOSTILE, 1, null, true], deep: { text: HOSTILE } };
    expect(safeCopy(value)).toEqual({ abdef: ['abdef', 1, null, true], deep: { text: 'abdef' } });
  });

  it('cannot pass for a line of its own where it has one', () => {
    expect(oneLine('done\n  check: passed')).toBe('done check: passed');
    expect(table(['A', 'B'], [['x\ny', `${HOSTILE}\nz`]], 80)).toBe('A    B\nx y  abdef z');
    expect(clip(`${HOSTILE}\tx`, 6)).toBe('abdef…');
  });

  it('is as it was in JSON, and safe for a person, also in an error', () =>
    withProject({}, async (project) => {
      const { id, title } = await project.add(HOSTILE, '--description', HOSTILE, '--label', 'area=x\x1b[31m');
      expect(title).toBe(HOSTILE);
      for (const argv of [['task', 'list'], ['task', 'show', id], ['audit', 'log'], ['status'], ['task', HOSTILE]]) {
        const { stdout, stderr } = await project.run(argv);
        expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u);
      }
      expect((await project.run(['task', 'list'])).stdout).toMatch(/ abdef\n$/);
    }));
});

describe('a text that is wrapped', () => {
  it('is broken between words, and what follows is indented', () => {
    expect(wrapText('  waits: one two three four', 14, 4)).toBe('  waits: one\n    two three\n    four');
    expect(wrapText('short\nlonger than that', 12, 0)).toBe('short\nlonger than\nthat');
    expect(wrapText('', 10, 2)).toBe('');
  });

  it('keeps whole a word that is wider than a line', () => {
    const path = '/a/very/long/path/to/a/file';
    expect(wrapText(`see ${path} there`, 10, 2)).toBe(`see\n  ${path}\n  there`);
    expect(wrapText(path, 10, 2)).toBe(path);
  });

  it('counts what is seen, not colour codes', () => {
    expect(wrapText('\x1b[1mone\x1b[0m two', 7, 2)).toBe('\x1b[1mone\x1b[0m two');
  });

  it('is what a person gets from commands that say sentences', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('word '.repeat(40).trim(), '--check', 'true '.repeat(30).trim());
      await project.add('Next', '--need', id, '--not-before', '1h');
      for (const columns of [60, 80]) {
        for (const argv of [['init'], ['task', 'show', id], ['status'], ['audit', 'verify'], ['doctor']]) {
          const { stdout } = await project.run(argv, { columns });
          const wide = stdout.split('\n').filter((line) => line.length > columns && /\S +\S/.test(line.trim()));
          expect(wide).toEqual([]);
        }
      }
    }));
});

describe('a digest', () => {
  it('is told by its first twelve digits', () => {
    expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab');
    expect(shortDigest('')).toBe('');
  });
});

describe('the folder that a command runs in', () => {
  it('is a usage error when it is gone', () => {
    expect(currentFolder()).toBe(process.cwd());
    const gone = (): string => {
      throw new Error('ENOENT: uv_cwd');
    };
    expect(() => currentFolder(gone)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
