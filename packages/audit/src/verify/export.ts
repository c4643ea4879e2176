import { canonicalJson } from '@signalbox/kernel';
import { signTreeHead } from '../checkpoint/checkpoint.js';
import { closingLine } from '../checkpoint/closing.js';
import { AuditError } from '../errors.js';
import { parseObject } from '../ledger/entry.js';
import type { Ledger } from '../ledger/ledger.js';
import { readLastLine, readLineChunks } from '../ledger/line-file.js';
import { Frontier } from '../merkle/frontier.js';
import { packedLeaf } from '../merkle/leaf.js';
import { followRotations } from '../signing/rotation.js';
import type { SigningKey } from '../signing/signing-key.js';
import { parseVerifierKey, type VerifierKey } from '../signing/verifier-key.js';
import { walkLines } from './pass-lines.js';
import type { Finding, LedgerReport } from './report.js';
import { dataOf } from './rotations.js';
import { readRoot, readTrust, type Trust } from './trust.js';
import { conclude } from './verify-ledger.js';
import { Walk } from './walk.js';

/**
 * Streams every entry there is at the start, one line each, and closes with `{"checkpoint","key"}`: a signed checkpoint over
 * exactly these lines and the verifier key for it. Lines come without newlines. `time` is in milliseconds since the epoch.
 *
 * Throws `LEDGER_DAMAGED` in place of the closing line if the lines are not what the ledger recorded, so that no key signs
 * a changed log; `SEGMENT_MISSING` if a sealed segment is gone.
 */
export function* exportLedger(ledger: Ledger, key: SigningKey, time: number): Iterable<string> {
  const head = ledger.head();
  const tree = new Frontier();
  for (const { line } of ledger.lines()) {
    if (tree.size === head.size) break; // appended since
    tree.append(packedLeaf(line));
    yield line;
  }
  if (tree.size !== head.size || tree.root().toString('base64') !== head.root) {
    throw new AuditError({
      code: 'LEDGER_DAMAGED',
      message: 'The entries are not the ones that the ledger recorded, so the export is not closed.',
      hint: 'Run `signalbox audit verify` to see which entry is bad.',
    });
  }
  yield closingLine(signTreeHead(head, key, time), key);
}

/**
 * Checks an export, streaming. Without `verifier` the key in the export itself is used: that shows that the file is whole,
 * not who made it, so compare the report's `signer` with a key that you have from elsewhere. A key that `verifier` was handed
 * on to within the export counts as well. Without its closing line, or with fewer entries than that line covers, the export
 * is `truncated`. `anchor` is as in `verifyLedger`.
 */
export function verifyExport(lines: Iterable<string>, verifier?: VerifierKey, anchor?: string): LedgerReport {
  const walk = startWalk(anchor);
  let held: string | undefined;
  for (const line of lines) {
    if (held !== undefined) walk.step({ seq: walk.entries + 1, line: held });
    held = line;
  }
  return close(walk, held, verifier, anchor);
}

/** {@link verifyExport} of a file, several times as fast, in constant memory. */
export function verifyExportFile(
  file: string,
  options: { verifier?: VerifierKey; anchor?: string } = {},
): LedgerReport {
  const walk = startWalk(options.anchor);
  const last = readLastLine(file);
  for (const { bytes, end, offset } of readLineChunks(file)) {
    // The newline before the last line is no part of the lines before it. Byte 1 lies at `offset`.
    const before = Math.min(end, last.start - offset);
    if (before > 0) walkLines(walk, bytes, before);
  }
  return close(walk, last.start === 0 && last.line === '' ? undefined : last.line, options.verifier, options.anchor);
}

/** The anchor's root is needed while the lines go by; the keys that may be found by the end then judge its signature. */
function startWalk(anchor: string | undefined): Walk {
  return new Walk(readTrust([], anchor, []).roots);
}

function close(
  walk: Walk,
  last: string | undefined,
  verifier: VerifierKey | undefined,
  anchor: string | undefined,
): LedgerReport {
  const closing = last === undefined ? undefined : readClosing(last);
  // A last line that is no JSON was torn; one that is an entry means that the closing line is gone.
  if (last !== undefined && !closing && parseObject(last)) walk.step({ seq: walk.entries + 1, line: last });
  const first = verifier ?? closing?.key;
  const verifiers = first ? followRotations(first, dataOf(walk.rotations), walk.origin ?? '') : [];
  const trust: Trust = readTrust([], anchor, verifiers);
  if (!closing) trust.problems.push(unclosed(walk.entries, last));
  else if (!first) trust.problems.push({ kind: 'edited', reason: 'The export holds no usable verifier key.' });
  else {
    const root = readRoot(closing.note, verifiers);
    if ('reason' in root) trust.problems.push(root);
    else trust.head = { ...root, source: 'checkpoint' };
    // What the file says of its own key must hold too, or a reader without another key is misled.
    const own = closing.key ? readRoot(closing.note, [closing.key]) : undefined;
    if (!closing.isCanonical || !own || 'reason' in own) trust.problems.push(MISNAMED);
  }
  return conclude(walk, trust, verifiers);
}

interface Closing {
  note: string;
  key: VerifierKey | undefined;
  /** It holds nothing but these two, written as it was. */
  isCanonical: boolean;
}

const MISNAMED: Finding = { kind: 'edited', reason: 'The closing line does not name the key that signed it.' };

/** Reads the last line of an export; `undefined` if it is none. */
function readClosing(line: string): Closing | undefined {
  const object = parseObject(line);
  const note = object?.['checkpoint'];
  if (typeof note !== 'string') return undefined;
  const isCanonical = line === canonicalJson({ checkpoint: note, key: object?.['key'] });
  return { note, key: readKey(object?.['key']), isCanonical };
}

function readKey(text: unknown): VerifierKey | undefined {
  try {
    return parseVerifierKey(String(text));
  } catch {
    return undefined;
  }
}

function unclosed(entries: number, last: string | undefined): Finding {
  const isTorn = last !== undefined && !parseObject(last);
  const reason = isTorn
    ? `The last line is torn: ${Buffer.byteLength(last)} bytes of it are left, and no checkpoint closes the export.`
    : 'The export is not closed by a checkpoint: it may end too early.';
  return { kind: 'truncated', firstBad: entries + 1, reason };
}
