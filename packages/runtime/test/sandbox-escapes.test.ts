import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { agentMarker } from '@signalbox/connectors';
import type { Signalbox } from '../src/index.js';
import { add, execute, type Project, shellAI, withProject } from './support/bench.js';
import { demandSandbox, whySkipped } from './support/sandbox.js';

/** Lets an agent run lines, each on its own, in the sandbox; gives what they printed and the project. */
async function letTry(
  project: Project,
  lines: (box: Signalbox) => string[],
  how: 'worktree' | 'in-place' = 'worktree',
): Promise<{ box: Signalbox; output: string[] }> {
  demandSandbox(project);
  const box = await project.open();
  await shellAI(
    box,
    lines(box)
      .map((line) => `(${line}) 2>/dev/null || echo refused`)
      .join('\n'),
  );
  const { steps } = await execute(box, await add(box, { type: 'research' }), { workspace: how });
  return { box, output: steps.filter(({ step }) => step === 'output').map(({ text }) => text) };
}

if (whySkipped !== null) {
  console.log(`No sandbox works here (${whySkipped}): what an agent cannot do in it is not tested.`);
  describe('an agent in a sandbox', () => {
    it('is not tested here', () => expect(whySkipped).not.toBeNull());
  });
} else {
  describe.each(['worktree', 'in-place'] as const)('an agent in a sandbox, %s', (how) => {
    it('writes neither to the project, nor to git, nor to the settings', () =>
      withProject({}, async (project) => {
        const git = project.read('.git/config');
        const policy = project.read('.ai/policy.yaml');
        const inPlace = how === 'in-place';
        const { output } = await letTry(
          project,
          () => [
            'echo x > mine.txt && echo written',
            `echo x > ${project.root}/theirs.txt ${inPlace ? '&& false' : ''}`,
            `echo x >> ${project.root}/.git/config`,
            'git config user.name mallory',
            'git commit --allow-empty -qm x',
            `echo x > ${project.root}/.git/hooks/pre-commit`,
            `echo x >> ${project.root}/.ai/policy.yaml`,
            `mv ${project.root}/.ai ${project.root}/.gone`,
            'git log --oneline | wc -l',
          ],
          how,
        );
        const [written, ...others] = output;
        expect(written).toBe('written');
        expect(others.map((text) => text.trim())).toEqual([...Array(7).fill('refused'), '1']);
        expect(project.read('.git/config')).toBe(git);
        expect(project.read('.ai/policy.yaml')).toBe(policy);
        expect(existsSync(join(project.root, '.git/hooks/pre-commit'))).toBe(false);
        if (!inPlace) expect(existsSync(join(project.root, 'theirs.txt'))).toBe(false);
      }));

    it('sees neither the keys, nor the store, nor what others trust, also with another environment', () =>
      withProject({}, async (project) => {
        const { output } = await letTry(
          project,
          ({ store: { paths } }) => [
            `cat ${paths.signingKey}`,
            `test -e ${paths.database}`,
            `env -i /bin/cat ${paths.signingKey} ${paths.database}`,
            `cat ${paths.trust}`,
            `cat ${paths.globalPolicy}`,
            `echo x > ${paths.globalPolicy}`,
            `ls ${paths.sessions} ${paths.traces}`,
            `cd ${paths.state} && ls -A | grep .`,
            'command -v signalbox',
          ],
          how,
        );
        expect(output).toEqual(Array(9).fill('refused'));
      }));
  });

  describe('an agent in a sandbox', () => {
    it('cannot answer an approval by opening the store in a process that has lost its marker', () =>
      withProject({}, async (project) => {
        const script = `try { const db = require("node:fs").openSync(process.argv[1], "r+"); console.log("opened", db); } catch (e) { console.log(e.code); }`;
        const { output } = await letTry(project, ({ store: { paths } }) => [
          `env -i setsid ${process.execPath} -e '${script}' ${paths.database}`,
        ]);
        expect(output).toEqual(['ENOENT']);
        expect(agentMarker({})).toBeNull();
      }));

    it('neither signals this process nor leaves one behind', () =>
      withProject({}, async (project) => {
        const { output } = await letTry(project, () => [
          `kill -0 ${process.pid}`,
          'setsid env -i sh -c "sleep 1000.5" >/dev/null 2>&1 & echo left',
        ]);
        expect(output).toEqual(['refused', 'left']);
        const commands = process.platform === 'linux' ? commandLines() : [];
        expect(commands.filter((line) => line.includes('1000.5'))).toEqual([]);
      }));

    it('does not get out by links that it makes', () =>
      withProject({}, async (project) => {
        writeFileSync(join(project.root, 'untracked.txt'), 'theirs');
        const target = join(project.root, 'untracked.txt');
        await letTry(project, () => [
          `ln -s ${target} soft && echo x > soft`,
          `ln ${target} hard && echo x > hard`,
          `ln -s ${project.root} folder && echo x > folder/new`,
        ]);
        expect(readFileSync(target, 'utf8')).toBe('theirs');
        expect(existsSync(join(project.root, 'new'))).toBe(false);
      }));

    it('works in the scratch folder of its attempt, and does not see those of others', () =>
      withProject({}, async (project) => {
        const { output } = await letTry(project, ({ store: { paths } }) => [
          'test -w "$(dirname "$SIGNALBOX_PROMPT_FILE")" && echo scratch',
          `ls ${paths.worktrees} | wc -l`,
          'echo x > "$TMPDIR/x" || echo x > /tmp/x && echo temporary',
        ]);
        expect(output.map((line) => line.trim())).toEqual(['scratch', '1', 'temporary']);
      }));
  });
}

function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}
