import { type Segment, sealSegment } from '@signalbox/audit';
import { actorName } from '../actor.js';
import { asPerson } from './as-person.js';
import type { LogKeeper } from './rotate-key.js';

/** Which entries go into a file: those before one, or all but the newest so many. */
export type SealRequest = { before: number } | { keep: number };

export interface Sealed extends Pick<Segment, 'first' | 'last' | 'file' | 'bytes' | 'digest'> {
  folder: string;
}

/**
 * Moves old entries out of the database into a sealed file beside it. Reading, export and verification go on as before.
 * Throws audit's `SEAL_RANGE` if there are none to seal.
 */
export function sealLog({ store, ledger, ...keeper }: LogKeeper, request: SealRequest): Promise<Sealed> {
  return asPerson(keeper, { action: 'audit.seal', what: 'seal a part of the ledger' }, (withDecision) => {
    const { db, clock, paths } = store;
    const upTo = 'before' in request ? request.before - 1 : store.ledger.head().size - request.keep;
    const decision = withDecision([]);
    if (decision.length > 0) keeper.door.record(decision);
    const options = { upTo, key: ledger.signingKey(), time: clock.now(), actor: actorName(keeper.actor) };
    const { first, last, file, bytes, digest } = sealSegment(db, store.ledger, options);
    return { first, last, file, bytes, digest, folder: paths.segments };
  });
}
