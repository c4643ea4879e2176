import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomToken } from '@signalbox/kernel';
import { copyFile } from './files.js';
import { type BackupManifest, MANIFEST_FILE } from './manifest.js';
import { READY, siblings, UNFINISHED } from './resume-restore.js';
import { swap } from './swap.js';
import { type BackupCheck, type BackupReport, mustBeSound, requireSoundBackup, verifyCopied } from './verify-backup.js';

export interface RestoreOptions extends BackupCheck {
  /** Milliseconds since the epoch; it names the folder that the old state is kept in. */
  time: number;
  /** Names within the old state that are taken from there, not from the backup, if they are there: `keys`, `traces`. */
  carryOver?: readonly string[];
}

export interface RestoreReport {
  manifest: BackupManifest;
  /** Where the old state is kept; null if there was none. */
  kept: string | null;
}

/** A verified copy of a backup beside the state that it is to replace. */
export interface StagedRestore {
  /** Where the copy is. What is changed in it takes effect together with the restore, or not at all. */
  folder: string;
  manifest: BackupManifest;
  /** What the verification found. */
  report: BackupReport;
  /** Lets the copy and the state change places. Throws `STORE_IN_USE`; then nothing has changed. */
  activate(): RestoreReport;
  /** Removes the copy. */
  discard(): void;
}

/**
 * Puts a backup in the place of the folder `state`. The backup is verified, copied beside `state`, and verified there once
 * more; only then the two change places by rename, and the old state is kept as `<state>.before-restore-<time>`. A process
 * killed before that has changed nothing; after one killed between the two renames, `resumeRestore` does the second.
 *
 * Throws `BACKUP_DAMAGED`, `BACKUP_NEWER`, or `STORE_IN_USE` while any process has the old database open.
 */
export function restoreBackup(folder: string, state: string, options: RestoreOptions): RestoreReport {
  const staged = stageRestore(folder, state, options);
  try {
    return staged.activate();
  } catch (error) {
    staged.discard();
    throw error;
  }
}

/** The first half of {@link restoreBackup}: for whoever has something to do in the copy before it takes effect. */
export function stageRestore(folder: string, state: string, options: RestoreOptions): StagedRestore {
  const { manifest } = requireSoundBackup(folder, options);
  // Of restores that were killed: they never took effect.
  for (const name of [...siblings(state, UNFINISHED), ...(existsSync(state) ? siblings(state, READY) : [])]) {
    rmSync(name, { recursive: true, force: true });
  }
  const id = randomToken('new').slice(-8);
  const fresh = `${state}${UNFINISHED}${id}`;
  const discard = (): void => rmSync(fresh, { recursive: true, force: true });
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o700 });
    // A state often lies in a work tree of git, and keys may be in it.
    writeFileSync(join(fresh, '.gitignore'), '*\n');
    for (const { path } of manifest.files) copyFile(join(folder, path), join(fresh, path));
    copyFile(join(folder, MANIFEST_FILE), join(fresh, MANIFEST_FILE));
    const report = mustBeSound(fresh, verifyCopied(fresh, options, ['.gitignore']));
    rmSync(join(fresh, MANIFEST_FILE));
    carryOver(state, fresh, options.carryOver ?? []);
    const activate = (): RestoreReport => {
      const ready = `${state}${READY}${id}`;
      return { manifest, kept: swap(state, { fresh, ready, database: manifest.database, time: options.time }) };
    };
    return { folder: fresh, manifest, report, activate, discard };
  } catch (error) {
    discard();
    throw error;
  }
}

function carryOver(state: string, fresh: string, names: readonly string[]): void {
  for (const name of names) {
    if (!existsSync(join(state, name))) continue;
    rmSync(join(fresh, name), { recursive: true, force: true });
    cpSync(join(state, name), join(fresh, name), { recursive: true, preserveTimestamps: true });
  }
}
