import { canonicalJson } from '@signalbox/kernel';
import { signTreeHead } from '../checkpoint/checkpoint.js';
import { AuditError } from '../errors.js';
import { parseObject } from '../ledger/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { Frontier } from '../merkle/frontier.js';
import { hashLeaf } from '../merkle/leaf.js';
import type { SigningKey } from '../signing/signing-key.js';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../signing/verifier-key.js';
import type { Finding, LedgerReport } from './report.js';
import { readRoot, readTrust, type Trust } from './trust.js';
import { conclude } from './verify-ledger.js';
import { Walk } from './walk.js';

/**
 * Streams every entry there is at the start, one line each, and closes with `{"checkpoint","key"}`: a signed checkpoint over
 * exactly these lines and the verifier key for it. Lines come without newlines. `time` is in milliseconds since the epoch.
 *
 * Throws `LEDGER_DAMAGED` in place of the closing line if the lines are not what the ledger recorded, so that no key signs
 * a changed log.
 */
export function* exportLedger(ledger: Ledger, key: SigningKey, time: number): Iterable<string> {
  const head = ledger.head();
  const tree = new Frontier();
  for (const { line } of ledger.lines()) {
    if (tree.size === head.size) break; // appended since
    tree.append(hashLeaf(line));
    yield line;
  }
  if (tree.size !== head.size || tree.root().toString('base64') !== head.root) {
    throw new AuditError({
      code: 'LEDGER_DAMAGED',
      message: 'The entries are not the ones that the ledger recorded, so the export is not closed.',
      hint: 'Run `signalbox audit verify` to see which entry is bad.',
    });
  }
  yield canonicalJson({ checkpoint: signTreeHead(head, key, time), key: formatVerifierKey(key.verifier) });
}

/**
 * Checks an export, streaming. Without `verifier` the key in the export itself is used: that shows that the file is whole,
 * not who made it, so compare the report's `signer` with a key that you have from elsewhere. Without its closing line, or
 * with fewer entries than that line covers, the export is `truncated`. `anchor` is as in `verifyLedger`.
 */
export function verifyExport(lines: Iterable<string>, verifier?: VerifierKey, anchor?: string): LedgerReport {
  // The anchor's root is needed while the lines go by; the key that may be found at the end then judges its signature.
  const walk = new Walk(readTrust([], anchor, verifier).roots);
  let held: string | undefined;
  for (const line of lines) {
    if (held !== undefined) walk.step({ seq: walk.entries + 1, line: held });
    held = line;
  }
  const closing = held === undefined ? undefined : readClosing(held, verifier);
  // A last line that is no JSON was torn; one that is an entry means that the closing line is gone.
  if (held !== undefined && !closing && parseObject(held)) walk.step({ seq: walk.entries + 1, line: held });
  const signer = closing?.signer ?? verifier;
  const trust: Trust = readTrust([], anchor, signer);
  if (!closing) trust.problems.push(unclosed(walk.entries));
  else if ('reason' in closing.root) trust.problems.push(closing.root);
  else trust.head = { ...closing.root, source: 'checkpoint' };
  return conclude(walk, trust, signer);
}

interface Closing {
  root: ReturnType<typeof readRoot>;
  signer: VerifierKey | undefined;
}

/** Reads the last line of an export; `undefined` if it is none. */
function readClosing(line: string, verifier: VerifierKey | undefined): Closing | undefined {
  const object = parseObject(line);
  const note = object?.['checkpoint'];
  if (typeof note !== 'string') return undefined;
  const signer = verifier ?? readKey(object?.['key']);
  if (!signer) return { root: { kind: 'edited', reason: 'The export holds no usable verifier key.' }, signer };
  return { root: readRoot(note, signer), signer };
}

function readKey(text: unknown): VerifierKey | undefined {
  try {
    return parseVerifierKey(String(text));
  } catch {
    return undefined;
  }
}

function unclosed(entries: number): Finding {
  return {
    kind: 'truncated',
    firstBad: entries + 1,
    reason: `The export is not closed by a checkpoint: it may end too early.`,
  };
}
