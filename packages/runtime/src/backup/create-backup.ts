import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BackupManifest, createBackup, describeBackup } from '@signalbox/audit';
import { isoTime } from '@signalbox/kernel';
import { actorName } from '../actor.js';
import { asPerson } from '../ledger/as-person.js';
import type { LogKeeper } from '../ledger/rotate-key.js';
import type { ProjectPaths } from '../project/paths.js';

export interface BackupRequest {
  /** A folder that does not exist or is empty. Default: one of its own in `.ai/backups`. Absolute. */
  folder?: string;
  /** Put the private keys in as well: who has the backup can then sign in the name of this log. */
  withKeys?: boolean;
}

export interface MadeBackup {
  folder: string;
  /** Of the manifest: what a restore of it will record. */
  digest: string;
  bytes: number;
  manifest: BackupManifest;
}

/**
 * Copies the state of a project while others go on with it: the database, sealed segments and the evidence. Traces are left
 * out: they are large, and nothing rests on them. The ledger records it. Throws what audit's `createBackup` throws.
 */
export function backUpProject(
  { store, ledger, ...keeper }: LogKeeper,
  request: BackupRequest = {},
): Promise<MadeBackup> {
  const { withKeys = false } = request;
  const ask = { action: 'backup.create', what: 'make a backup', resource: { keys: withKeys } } as const;
  return asPerson(keeper, ask, (withDecision) => {
    const { db, paths, clock } = store;
    const decision = withDecision([]);
    if (decision.length > 0) keeper.door.record(decision);
    const folder = request.folder ?? placeFor(paths, clock.now());
    const source = { db, ledger: store.ledger, blobs: paths.blobs, key: ledger.signingKey() };
    const manifest = createBackup({ ...source, ...(withKeys ? { keys: paths.keys } : {}) }, folder, clock.now());
    const { digest, bytes, size } = describeBackup(manifest);
    const subject = `log/${manifest.ledger.log}`;
    keeper.door.record([
      { kind: 'backup.made', actor: actorName(keeper.actor), subject, data: { digest, bytes, size, keys: withKeys } },
    ]);
    return { folder, digest, bytes, manifest };
  });
}

function placeFor({ backups }: ProjectPaths, time: number): string {
  const ignore = join(backups, '.gitignore');
  if (!existsSync(ignore)) {
    mkdirSync(backups, { recursive: true, mode: 0o700 });
    writeFileSync(ignore, '# Written by signalbox: backups stay out of git.\n*\n');
  }
  return join(backups, isoTime(time).replace(/[:.]/g, '-'));
}
