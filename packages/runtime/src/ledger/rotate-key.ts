import { createRotation, originOf, verifierKey } from '@signalbox/audit';
import { transact } from '@signalbox/kernel/sqlite';
import { actorName } from '../actor.js';
import type { ProjectStore } from '../project/open-store.js';
import { asPerson, type Keeper } from './as-person.js';
import { createNextKey, finishRotation } from './keys.js';
import type { LedgerService } from './ledger-service.js';

export interface LogKeeper extends Keeper {
  store: ProjectStore;
  ledger: LedgerService;
}

export interface KeyRotation {
  /** Verifier keys. */
  from: string;
  to: string;
  /** `seq` of the entry by which the old key hands over to the new one. */
  entry: number;
}

/**
 * Replaces the key that signs checkpoints. The ledger records it, signed by both; the old key is kept in its file, and whoever
 * trusts it can follow. A process killed meanwhile leaves one of the two in place: see `finishRotation`.
 */
export function rotateKey({ store, ledger, ...keeper }: LogKeeper): Promise<KeyRotation> {
  return asPerson(keeper, { action: 'audit.rotate', what: 'replace the signing key' }, (withDecision) => {
    const { db, paths } = store;
    const old = ledger.signingKey();
    const rotation = transact(db, () => {
      const next = createNextKey(paths);
      const entry = createRotation(originOf(store.ledger.head().logId), old, next, actorName(keeper.actor));
      store.ledger.append(withDecision([entry]), db);
      return { from: verifierKey(old), to: verifierKey(next), entry: store.ledger.head().size };
    });
    transact(db, () => finishRotation(paths, store.ledger));
    return rotation;
  });
}
