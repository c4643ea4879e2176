import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuditError,
  type BackupManifest,
  type Checkpoint,
  parseCheckpoint,
  type StagedRestore,
  stageRestore,
  verifyBackup,
} from '@signalbox/audit';
import { agentMarker } from '@signalbox/connectors';
import { type Clock, isSignalboxError } from '@signalbox/kernel';
import { actorName, currentActor } from '../actor.js';
import { RuntimeError } from '../errors.js';
import { createGit, type Git } from '../git/git.js';
import { readAnchor, writeAnchor } from '../ledger/anchor.js';
import { asPerson } from '../ledger/as-person.js';
import { checkTables } from '../ledger/verify-tables.js';
import { findRepository } from '../project/find-root.js';
import { openStore } from '../project/open-store.js';
import { type ProjectPaths, projectPaths } from '../project/paths.js';
import { createSignalbox } from '../signalbox.js';
import { chooseKeys, type KeysToGoOnWith } from './check-backup.js';
import { freeHeldTasks, raiseFences } from './free-tasks.js';
import { recordRestore } from './go-on.js';

export interface RestoreEnv {
  paths: ProjectPaths;
  clock: Clock;
  environment: NodeJS.ProcessEnv;
}

/** What a restore would do, for a person to agree to. */
export interface RestorePlan {
  folder: string;
  manifest: BackupManifest;
  keys: KeysToGoOnWith;
  /** What its verification proved. */
  proved: string[];
  /** The anchor that the restored log will not extend: entries after the backup are set aside. */
  anchor: Checkpoint | null;
}

export interface RestoreResult {
  folder: string;
  createdAt: string;
  /** Entries that the backup held. */
  entries: number;
  /** Where the old state is; null if there was none. */
  kept: string | null;
  /** Tasks that were held when the backup was made. */
  requeued: string[];
  /** The anchor that was replaced. */
  replaced: Checkpoint | null;
  anchored: boolean;
}

/** Carried over from the old state: no backup has them. */
const NOT_IN_BACKUPS = ['traces', 'checkpoints'];

/**
 * Verifies a backup and says what restoring it would do. Only a person may, also where no state is. Throws audit's
 * `BACKUP_DAMAGED` and `BACKUP_NEWER`, `KEY_LOST`, `AGENT_REFUSED`.
 */
export async function planRestore(env: RestoreEnv, folder: string): Promise<RestorePlan> {
  await permit(env);
  const { report, keys } = chooseKeys(folder, env.paths);
  const git = gitOf(env);
  const note = git ? await readAnchor(git) : null;
  const fits = typeof note !== 'string' || verifyBackup(folder, { verifier: keys.verifier, anchor: note }).ok;
  const { manifest, ledger } = report;
  return { folder, manifest, keys, proved: ledger?.proved ?? [], anchor: fits ? null : parseCheckpoint(note) };
}

/**
 * Restores as planned: into a place of its own first, where every lease is ended, every fence is raised and the ledger records
 * the restore; then the two states change places. Killed at any moment, the next command finds the old state or the new one.
 */
export async function restoreProject(env: RestoreEnv, plan: RestorePlan): Promise<RestoreResult> {
  const { paths, clock } = env;
  const { folder, manifest, anchor, keys } = plan;
  const carryOver = [...NOT_IN_BACKUPS, ...(keys.from === 'project' ? ['keys'] : [])];
  const options = { verifier: keys.verifier, time: clock.now(), carryOver };
  const staged = stageRestore(folder, paths.state, options);
  try {
    const { note, requeued } = await prepare(env, staged, anchor);
    const { kept } = staged.activate();
    const git = gitOf(env);
    const { anchored, replaced } = git ? await writeAnchor(git, note, true) : { anchored: false, replaced: null };
    const { createdAt, ledger } = manifest;
    return { folder, createdAt, entries: ledger.size, kept, requeued, replaced, anchored };
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/** Makes the copy ready to be gone on with. */
async function prepare(
  env: RestoreEnv,
  { folder, manifest }: StagedRestore,
  anchor: Checkpoint | null,
): Promise<{ note: string; requeued: string[] }> {
  const { paths, clock, environment } = env;
  const copy = projectPaths(paths.root, paths.home, folder);
  // Only the database that the manifest names was verified.
  if (join(folder, manifest.database) !== copy.database)
    throw damaged(manifest, 'it is not one of a project: its database has another name');
  const store = openStore(copy, clock);
  try {
    // What is restored is signed anew, so it must not say anything that the log did not.
    const difference = checkTables(store.db, store.ledger);
    if (difference) throw damaged(manifest, difference.reason.replace(/\.$/, ''));
    raiseFences(store, paths.database);
    const requeued = await freeHeldTasks(store, environment);
    const actor = actorName(currentActor(agentMarker(environment)));
    return { note: recordRestore(store, { manifest, actor, anchor }), requeued };
  } finally {
    store.close();
  }
}

/** Asks the door of the state that is to be replaced, where there is one that can still be opened. */
async function permit({ paths, clock, environment }: RestoreEnv): Promise<void> {
  const actor = currentActor(agentMarker(environment));
  const what = 'restore a backup';
  try {
    if (!existsSync(paths.database)) throw UNREADABLE;
    const box = await createSignalbox({ root: paths.root, clock, environment });
    try {
      await asPerson(box, { action: 'backup.restore', what }, (withDecision) => box.door.record(withDecision([])));
    } finally {
      await box.close();
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    if (actor.kind === 'ai') throw agentRefused(actor.id, what);
  }
}

const UNREADABLE = new Error('There is no state to ask.');

function isUnreadable(error: unknown): boolean {
  if (error === UNREADABLE) return true;
  const code = String((error as { code?: unknown }).code);
  return (
    /^SQLITE_(CORRUPT|NOTADB)/.test(code) ||
    (isSignalboxError(error) && /^(STORE_UNREADABLE|LEDGER_DAMAGED)$/.test(code))
  );
}

function gitOf({ paths, environment }: RestoreEnv): Git | null {
  return findRepository(paths.root) === null ? null : createGit(paths.root, environment);
}

function damaged({ createdAt }: BackupManifest, what: string): AuditError {
  return new AuditError({
    code: 'BACKUP_DAMAGED',
    message: `The backup of ${createdAt} cannot be used: ${what}.`,
    hint: 'Use another backup; nothing was changed.',
  });
}

function agentRefused(ai: string, what: string): RuntimeError {
  return new RuntimeError({
    code: 'AGENT_REFUSED',
    message: `An AI may not ${what}; this process runs for ai:${ai}.`,
    hint: 'A person must do it, in a shell of their own.',
  });
}
