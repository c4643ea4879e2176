import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowedSignersLine, CHECKPOINT_NAMESPACE, signSsh, type VerifierKey } from '@signalbox/audit';
import { actorName } from '../actor.js';
import { asPerson } from './as-person.js';
import { readVerifiers } from './keys.js';
import type { MadeCheckpoint } from './ledger-service.js';
import type { LogKeeper } from './rotate-key.js';

/** The checkpoint as files that stock `ssh-keygen -Y verify` accepts. */
export interface SshFiles {
  note: string;
  signature: string;
  allowedSigners: string;
  /** What `allowedSigners` says. */
  line: string;
  /** Checks it. */
  command: string;
}

/**
 * A checkpoint that a person asked for: an anchor that the log does not extend is replaced, and kept. With `ssh` it is also
 * written to files of `.ai/state/checkpoints`, with a signature in OpenSSH's format.
 */
export function signLog(
  { store, ledger, ...keeper }: LogKeeper,
  { ssh = false }: { ssh?: boolean } = {},
): Promise<MadeCheckpoint & { ssh: SshFiles | null }> {
  return asPerson(keeper, { action: 'audit.checkpoint', what: 'sign a checkpoint' }, async (withDecision) => {
    const decision = withDecision([]);
    if (decision.length > 0) keeper.door.record(decision);
    const made = await ledger.checkpoint({ replaceAnchor: true });
    return { ...made, ssh: ssh ? writeSshFiles({ store, ledger }, made) : null };
  });
}

function writeSshFiles({ store, ledger }: Pick<LogKeeper, 'store' | 'ledger'>, made: MadeCheckpoint): SshFiles {
  const folder = join(store.paths.state, 'checkpoints');
  const key = ledger.signingKey();
  const lineOf = (verifier: VerifierKey): string => allowedSignersLine(verifier, verifier.name, CHECKPOINT_NAMESPACE);
  const line = lineOf(key.verifier);
  const note = join(folder, `${made.checkpoint.size}.note`);
  const [signature, allowedSigners] = [`${note}.sig`, join(folder, 'allowed_signers')];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(note, made.note);
  writeFileSync(signature, signSsh(key, made.note, CHECKPOINT_NAMESPACE));
  // Earlier keys too: what they signed lies here as well.
  writeFileSync(
    allowedSigners,
    readVerifiers(store.paths)
      .map((each) => `${lineOf(each)}\n`)
      .join(''),
  );
  const [file, sig, signers] = [note, signature, allowedSigners].map(quote);
  const command = `ssh-keygen -Y verify -f ${signers} -I ${key.name} -n ${CHECKPOINT_NAMESPACE} -s ${sig} < ${file}`;
  return { note, signature, allowedSigners, line, command };
}

/** For a shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The lines of an export, asked for by a person, who is recorded. Ends in a signed checkpoint over exactly these lines. */
export function exportForPerson({ store, ledger, ...keeper }: LogKeeper): Promise<Iterable<string>> {
  return asPerson(keeper, { action: 'audit.export', what: 'export the ledger' }, (withDecision) => {
    const { size } = store.ledger.head();
    const actor = actorName(keeper.actor);
    const subject = `log/${store.ledger.head().logId}`;
    keeper.door.record(withDecision([{ kind: 'log.exported', actor, subject, data: { size } }]));
    return ledger.export();
  });
}
