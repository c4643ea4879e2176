import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createFakeClock } from '@signalbox/testkit';
import { startHeartbeat } from '../src/executor/heartbeat.js';
import { createGit, type Git } from '../src/git/git.js';
import { withGitLock } from '../src/git/git-lock.js';
import { landForUser } from '../src/index.js';
import type { BranchTip } from '../src/landing/branch-tips.js';
import { mergeTrees, prepareIntegration } from '../src/landing/integration.js';
import { landAttempt } from '../src/landing/land-attempt.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';

async function landed(project: Project, shell = 'echo x > b.txt') {
  const box = await project.open();
  await shellAI(box, shell);
  await execute(box, await add(box, { checks: ['true'] }));
  const git = createGit(project.root, project.environment);
  return { box, git, land: () => landForUser({ door: box.door, actor: USER, store: box.store }, git) };
}

describe('landing on the branch of the user', () => {
  it('merges what is finished into the branch that is checked out, and records it', () =>
    withProject({}, async (project) => {
      const { box, land } = await landed(project);
      project.write('.gitignore', '.ai\n');
      expect(await land()).toMatchObject({ branch: 'main', commits: 1 });
      expect(project.read('b.txt')).toBe('x\n');
      expect(box.ledger.read({ kind: 'landing.merged' })).toHaveLength(1);
      await expect(land()).rejects.toMatchObject({ code: 'NOTHING_TO_LAND' });
    }));

  it('touches nothing on a checkout that is not clean, or where no branch is checked out', () =>
    withProject({}, async (project) => {
      const { land } = await landed(project);
      project.write('src/a.txt', 'half an idea\n');
      await expect(land()).rejects.toMatchObject({ code: 'DIRTY_CHECKOUT' });
      project.git('checkout', '--quiet', '--', 'src/a.txt');
      project.git('checkout', '--quiet', '--detach');
      await expect(land()).rejects.toMatchObject({ code: 'NO_SUCH_BRANCH' });
    }));

  it('undoes a merge that conflicts', () =>
    withProject({}, async (project) => {
      const { land } = await landed(project, 'echo mine > src/a.txt');
      project.git('config', 'user.email', 'ana@example.invalid');
      project.git('config', 'user.name', 'Ana');
      project.write('src/a.txt', 'theirs\n');
      project.git('commit', '--quiet', '--all', '--message', 'Change a');
      await expect(land()).rejects.toMatchObject({ code: 'LAND_CONFLICT', details: { paths: ['src/a.txt'] } });
      expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
      expect(project.read('src/a.txt')).toBe('theirs\n');
    }));

  it('has nothing to do before anything has landed', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const git = createGit(project.root, project.environment);
      await expect(landForUser({ door: box.door, actor: USER, store: box.store }, git)).rejects.toMatchObject({
        code: 'NOTHING_TO_LAND',
      });
    }));
});

describe('moving the integration branch', () => {
  async function prepare(project: Project) {
    const box = await project.open();
    const task = await add(box);
    const git = createGit(project.root, project.environment);
    const base = await prepareIntegration(git, 'main');
    project.git('branch', 'work');
    const commit = project.commitOn('work', 'b.txt', 'x\n');
    return { git, request: { task, attempt: 'att_1', ai: 'sh', commit, base, evidence: 'none' } };
  }

  it('starts again when somebody moved it between the intent and the move', () =>
    withProject({}, async (project) => {
      const { git, request } = await prepare(project);
      const intents: string[] = [];
      const rechecked: string[] = [];
      const result = await landAttempt(git, request, {
        check: async ({ commit }: BranchTip) => commit,
        earlier: [],
        recheck: async (commit) => {
          rechecked.push(commit);
          return null;
        },
        intend: async ({ old, new: next }) => {
          intents.push(next);
          if (intents.length === 1) project.commitOn('signalbox/integration', 'other.txt', 'other\n');
          expect(old).not.toBe(next);
          return true;
        },
      });
      expect(result).toEqual({ status: 'landed', commit: intents[1] });
      expect(intents[0]).toBe(request.commit);
      expect(rechecked).toEqual([intents[1]]);
      expect(project.git('show', 'signalbox/integration:other.txt')).toBe('other');
    }));

  it('does not happen again when an earlier attempt has landed after all', () =>
    withProject({}, async (project) => {
      const { git, request } = await prepare(project);
      const earlier = project.commitOn('signalbox/integration', 'b.txt', 'by the one before\n');
      const intend = async () => {
        throw new Error('nothing is to be moved');
      };
      const result = await landAttempt(git, request, {
        check: async ({ commit }: BranchTip) => commit,
        earlier: [earlier],
        recheck: async () => null,
        intend,
      });
      expect(result).toEqual({ status: 'landed', commit: earlier });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(earlier);
    }));

  it('says what is in the way when git does not move the branch', () =>
    withProject({}, async (project) => {
      const { git, request } = await prepare(project);
      project.write('.git/refs/heads/signalbox/integration.lock', '');
      const steps = {
        check: async ({ commit }: BranchTip) => commit,
        earlier: [],
        recheck: async () => null,
        intend: async () => true,
      };
      const failed = landAttempt(git, request, steps);
      await expect(failed).rejects.toMatchObject({ code: 'GIT_FAILED', hint: expect.stringContaining('lock file') });
    }));

  it('does not happen without the intent on record, or when the branch is gone', () =>
    withProject({}, async (project) => {
      const { git, request } = await prepare(project);
      const steps = {
        check: async ({ commit }: BranchTip) => commit,
        earlier: [],
        recheck: async () => null,
        intend: async () => false,
      };
      expect(await landAttempt(git, request, steps)).toEqual({ status: 'lease_lost' });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(request.base);
      project.git('branch', '-D', 'signalbox/integration');
      await expect(landAttempt(git, request, steps)).rejects.toThrow('gone');
    }));

  it('says so when git itself cannot merge', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      await expect(mergeTrees(git, 'main', 'nope')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    }));

  it('is tried again when another process was faster in bringing it up to date', () =>
    withProject({}, async (project) => {
      const git = createGit(project.root, project.environment);
      let raced = false;
      const racing: Git = {
        ...git,
        attempt: async (args, options) => {
          if (args[0] === 'update-ref' && !raced) {
            raced = true;
            project.git('branch', 'signalbox/integration');
          }
          return git.attempt(args, options);
        },
      };
      expect(await prepareIntegration(racing, 'main')).toBe(project.git('rev-parse', 'main'));
      expect(raced).toBe(true);
    }));
});

describe('the lock around what git does not guard', () => {
  it('is waited for, and given up on after two minutes', () =>
    withProject({}, async (project) => {
      const file = join(project.place, 'lock.db');
      const order: string[] = [];
      let enter = (): void => {};
      const inside = new Promise<void>((resolve) => {
        enter = resolve;
      });
      let leave = (): void => {};
      const gate = new Promise<void>((resolve) => {
        leave = resolve;
      });
      const first = withGitLock(file, systemClock, async () => {
        enter();
        await gate;
        order.push('first');
      });
      await inside;
      const clock = createFakeClock();
      const second = withGitLock(file, clock, async () => void order.push('second'));
      while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
      leave();
      await first;
      await clock.advance(25);
      await second;
      expect(order).toEqual(['first', 'second']);

      const holder = openSqlite(file, { busyTimeoutMs: 0 });
      holder.exec('BEGIN EXCLUSIVE');
      const third = withGitLock(file, clock, async () => {});
      const refused = expect(third).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
      await clock.advance(121_000);
      await refused;
      holder.exec('COMMIT');

      // Whoever is last to close the file holds it like this for a moment: it cannot even be opened.
      holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE closing (at TEXT)');
      expect(() => openSqlite(file, { busyTimeoutMs: 0 })).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }));
      const fourth = withGitLock(file, clock, async () => 'in');
      const entered = expect(fourth).resolves.toBe('in');
      while (clock.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
      holder.close();
      await clock.advance(25);
      await entered;
      mkdirSync(join(project.place, 'folder.db'));
      await expect(withGitLock(join(project.place, 'folder.db'), clock, async () => {})).rejects.toThrow();
    }));
});

describe('the heartbeat', () => {
  it('gives up at 80 % of the lease when it cannot renew', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      const box = await project.open({ clock });
      let fails = true;
      const tasks = {
        ...box.tasks,
        heartbeat: async (...args: Parameters<typeof box.tasks.heartbeat>) => {
          if (fails) throw new Error('the disk is full');
          return box.tasks.heartbeat(...args);
        },
      };
      const task = await add(box);
      const outcome = await box.tasks.claim({ task: task.id, holder: 'x', ttlMs: 120_000 }, () => []);
      if (outcome.status !== 'claimed') throw new Error(outcome.status);
      const ref = { task: task.id, lease: outcome.lease.id };
      const heartbeat = startHeartbeat(tasks, ref, clock);
      await clock.advance(90_000);
      expect(heartbeat.signal.aborted).toBe(false);
      fails = false;
      await clock.advance(30_000);
      fails = true;
      await clock.advance(95_000);
      expect(heartbeat.signal.aborted).toBe(false);
      await clock.advance(30_000);
      expect(heartbeat.signal.reason).toMatchObject({
        class: 'lease_lost',
        message: expect.stringContaining('the disk is full'),
      });
      expect(clock.pending()).toBe(0);
    }));
});
