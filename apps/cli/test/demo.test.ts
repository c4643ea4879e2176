import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import { environmentIn, runIn } from './support/project.js';

const SECONDS = 1_000;

function countOf(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}

describe('signalbox demo', () => {
  it(
    'tells the whole story and leaves nothing behind',
    async () => {
      const home = createTempDir();
      const { exitCode, stdout, stderr } = await runIn({ cwd: home.path, environment: environmentIn(home.path) }, [
        'demo',
      ]);
      home.remove();
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout.match(/^\d\. .*$/gm)).toEqual([
        '1. A repository whose tests fail, and three AIs',
        '2. Six tasks: priorities, needs, locks, checks',
        '3. A command that policy refuses, with the record of the decision',
        '4. Two at a time, until nothing is ready',
        '5. The proof',
        '6. Your turn',
      ]);
      expect(countOf(stdout, /^\$ signalbox task create /gm)).toBe(6);

      expect(countOf(stdout, /^ {2}waits: Policy denies: git push --force/gm)).toBe(1);
      expect(stdout).toMatch(/^ +\d+ .* policy\.decided +ai:shell +deny shell\.run `git push --force/m);
      expect(stdout).toMatch(/^deny \(\S+\): [^→]*\n→ deny {2}project\/guard-force-push/m);

      const waits = stdout.match(/^ {2}ledger entry \d+: tsk_\w+ waits, tsk_\w+\s+holds\s+src\/total\.js$/gm) ?? [];
      expect(new Set(waits.map((line) => line.replace(/\d+:/, '').replace(/\s+/g, ' '))).size).toBe(1);
      const total = stdout.matchAll(/^tsk_\w+ {2}(\w+) {2}Correct total\n {2}attempt (\d) by fixer, .*, (\w+)$/gm);
      expect([...total].map(([, ...found]) => found)).toEqual([
        ['queued', '1', 'failed'],
        ['done', '2', 'succeeded'],
      ]);
      const prose = stdout.split('\n').filter((line) => !/^(\$|index) /.test(line));
      expect(prose.filter((line) => line.length > 80)).toEqual([]);
      expect(stdout).toMatch(/^6 attempts of 5 tasks: 5 done, 0 failed, 0 blocked, 0 to be tried again\.$/m);

      expect(stdout).toMatch(/^Integrity holds: \d+ entries/m);
      expect(stdout).toMatch(/^Completeness is proven up to entry \d+ /m);
      expect(stdout).toContain('1 blocked, 5 done');
      expect(stdout).toContain('signalbox ai register claude --connector claude-code');
      expect(stdout).toContain('The scratch folder is removed.');
      const repository = /^(\S+) is a Signalbox project/m.exec(stdout)?.[1] ?? '';
      expect(repository).toMatch(/signalbox-demo-/);
      expect(existsSync(dirname(repository))).toBe(false);
    },
    60 * SECONDS,
  );
});
