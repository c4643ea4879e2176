import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';

/** Puts a stand-in for git-lfs on PATH, which keeps what it replaces beside the repository. */
function installFakeLfs(project: Project): string {
  const [programs, objects] = [join(project.place, 'programs'), join(project.place, 'objects')];
  for (const folder of [programs, objects]) mkdirSync(folder, { recursive: true });
  const program = join(programs, 'fake-lfs');
  writeFileSync(
    program,
    `#!/bin/sh
if [ "$1" = clean ]; then
  t=$(mktemp ${objects}/new-XXXXXX); cat > $t
  case "$(head -c 8 $t)" in pointer*) cat $t; rm $t; exit ;; esac
  n=$(sha256sum < $t | cut -c1-16); mv $t ${objects}/$n; echo "pointer $n"
else
  read word n; test "$word" = pointer && cat ${objects}/$n
fi
`,
  );
  chmodSync(program, 0o755);
  project.environment['PATH'] = `${programs}:${project.environment['PATH']}`;
  for (const how of ['clean', 'smudge']) project.git('config', `filter.lfs.${how}`, `fake-lfs ${how}`);
  project.git('config', 'filter.lfs.required', 'true');
  project.write('.gitattributes', '*.bin filter=lfs -text\n');
  project.write('big.bin', 'a big file\n');
  project.git('add', '-A', '--', '.gitattributes', 'big.bin');
  project.git('commit', '-q', '-m', 'Big files');
  expect(project.git('show', 'HEAD:big.bin')).toMatch(/^pointer /);
  return program;
}

describe('files under a filter such as LFS', () => {
  it('are whole in the worktree, and what lands is what the filter makes of them', () =>
    withProject({}, async (project) => {
      installFakeLfs(project);
      const box = await project.open();
      await shellAI(box, 'grep -q "a big file" big.bin && echo changed > new.bin && echo x > b.txt && touch big.bin');
      const { task, evidence } = await execute(box, await add(box, { checks: ['grep -q changed ./n*.bin'] }));
      expect(task).toMatchObject({ status: 'done', failure: null });
      expect(project.git('show', 'signalbox/integration:new.bin')).toMatch(/^pointer [0-9a-f]{16}$/);
      const landed = project.git('diff', '--name-only', 'main', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['b.txt', 'new.bin']);
      expect(evidence[0]?.summary['files'] ?? 2).toBe(2);
      expect(readdirSync(join(project.place, 'objects'))).toHaveLength(2);
    }));

  it('are pointers where the program is not installed; none of them is a change', () =>
    withProject({}, async (project) => {
      rmSync(installFakeLfs(project));
      const box = await project.open();
      await shellAI(box, 'grep -q pointer big.bin && echo x > b.txt && touch big.bin');
      const { task } = await execute(box, await add(box, { checks: ['grep -q pointer big.bin'] }));
      expect(task).toMatchObject({ status: 'done', failure: null });
      expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('b.txt');
    }));

  it('are read the same way when what an attempt left is kept', () =>
    withProject({}, async (project) => {
      installFakeLfs(project);
      const box = await project.open();
      await shellAI(box, 'echo part > part.bin; exit 3');
      const task = await add(box, { checks: ['true'], maxAttempts: 4 });
      await execute(box, task);
      writeFileSync(join(box.store.paths.worktrees, task.id, 'late.bin'), 'late\n');
      await execute(box, task);
      const [base, tip] = ['main', `signalbox/${task.id}/1`];
      expect(project.git('diff', '--name-only', base, tip).split('\n')).toEqual(['late.bin', 'part.bin']);
      expect(project.git('show', `${tip}:late.bin`)).toMatch(/^pointer /);
    }));
});

describe('a filter that is a program of the repository', () => {
  const SCRIPT = '#!/bin/sh\ntr a-z A-Z\n';

  it('is not run on what an agent has written: files are as they are in the objects, and land as they are', () =>
    withProject({}, async (project) => {
      const ran = join(project.place, 'ran');
      project.write('tools/clean.sh', SCRIPT);
      chmodSync(join(project.root, 'tools/clean.sh'), 0o755);
      for (const how of ['clean', 'smudge']) project.git('config', `filter.a=b.${how}`, './tools/clean.sh');
      project.git('config', 'filter.a=b.required', 'true');
      project.write('.gitattributes', '*.up filter=a=b\n');
      project.write('old.up', 'old\n');
      project.git('add', '-A', '--', '.gitattributes', 'old.up', 'tools');
      project.git('commit', '-q', '-m', 'Filtered');
      expect(project.git('show', 'HEAD:old.up')).toBe('OLD');
      const box = await project.open();
      const evil = `printf '#!/bin/sh\ntouch ${ran}; cat\n' > tools/clean.sh`;
      await shellAI(box, `grep -q OLD old.up && echo new > new.up; touch old.up; ${evil}; date +%N > again`);
      const { task } = await execute(box, await add(box, { checks: ['grep -q OLD ./o*.up'] }));
      expect(task).toMatchObject({ status: 'done', failure: null });
      expect(project.git('show', 'signalbox/integration:new.up')).toBe('new');
      expect(project.git('diff', '--name-only', 'main', 'signalbox/integration', '--', '*.up')).toBe('new.up');
      const later = await execute(box, await add(box, { checks: ['true'] }));
      expect(later.task.status).toBe('done');
      expect(existsSync(ran)).toBe(false);
    }));
});

describe('line endings', () => {
  it('that git makes in the checkout do not land', () =>
    withProject({}, async (project) => {
      project.git('config', 'core.autocrlf', 'true');
      project.git('config', 'core.safecrlf', 'true');
      const box = await project.open();
      await shellAI(
        box,
        String.raw`grep -q "$(printf 'a\r')" src/a.txt && printf 'b\r\n' >> src/a.txt; touch README.md`,
      );
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('done');
      expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('src/a.txt');
      expect(project.git('show', 'signalbox/integration:src/a.txt')).toBe('a\nb');
    }));
});
