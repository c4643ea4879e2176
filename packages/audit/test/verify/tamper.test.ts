import { afterAll, describe, expect, it } from '@jest/globals';
import { createRandom, FAKE_START } from '@signalbox/testkit';
import { createCheckpoint, createSigningKey, exportLedger, type LedgerReport, verifyExport } from '../../src/index.js';
import { walkLines } from '../../src/verify/pass-lines.js';
import { readTrust } from '../../src/verify/trust.js';
import { conclude } from '../../src/verify/verify-ledger.js';
import { Walk, type WalkState } from '../../src/verify/walk.js';
import { entry, sampleLog } from '../support/store.js';

const SMALL = 50;
const LARGE = 2_000;
const RANDOM_FLIPS = 5_000;
const MASKS = [0x01, 0x80];
const key = createSigningKey('signalbox.dev/test');

interface Log {
  lines: Buffer[];
  anchor: string;
  head: { size: number; root: string };
  /** The state of a walk before each line, so that only what follows a change need be walked again. */
  states: (WalkState | undefined)[];
}

function prepare(size: number): { log: Log; remove: () => void } {
  const { lines, store } = sampleLog(3);
  store.append(
    ...Array.from({ length: size - 3 }, (_, n) => entry('task.claimed', `task/tsk_${n}`, { task: 'tsk_1', n })),
  );
  const all = [...store.ledger.lines()].map(({ line }) => Buffer.from(line));
  expect(lines).toHaveLength(3);
  const anchor = createCheckpoint(store.ledger, key, FAKE_START);
  const states: Log['states'] = [undefined];
  const walk = new Walk([]);
  for (const line of all) {
    walkLines(walk, padded([line]), line.length + 1);
    states.push(walk.state);
  }
  return { log: { lines: all, anchor, head: store.ledger.head(), states }, remove: () => store.remove() };
}

function padded(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from('\n'), line]));
}

/** Verifies `lines` from number `from` (counted from 0) on; those before are as they were. */
function verify(log: Log, lines: readonly Buffer[], from: number, anchored = true): LedgerReport {
  const trust = readTrust([], anchored ? log.anchor : undefined, [key.verifier]);
  trust.head = { ...log.head, source: 'head' };
  const walk = new Walk(trust.roots, log.states[from]);
  const bytes = padded(lines.slice(from));
  if (bytes.length > 0) walkLines(walk, bytes, bytes.length);
  return conclude(walk, trust, [key.verifier]);
}

function flipped(log: Log, k: number, at: number, mask: number): Buffer[] {
  const line = Buffer.from(log.lines[k] as Buffer);
  line[at] = (line[at] as number) ^ mask;
  const lines = [...log.lines];
  lines[k] = line;
  return lines;
}

const small = prepare(SMALL);
const large = prepare(LARGE);
afterAll(() => {
  small.remove();
  large.remove();
});

function mustName(report: LedgerReport, firstBad: number, what: string, kinds: readonly string[] = ['edited']): void {
  const isNamed = report.firstBad === firstBad && kinds.includes(String(report.kind));
  if (report.ok || report.integrity || !isNamed) throw new Error(`${what}: ${JSON.stringify(report)}`);
}

describe('a change of the ledger', () => {
  it('of none at all is not reported', () => {
    for (const { log } of [small, large]) {
      expect(verify(log, log.lines, 0)).toMatchObject({ ok: true, completeness: 'proven', entries: log.lines.length });
    }
  });

  it.each(MASKS)('of any single byte of 50 entries by mask %i is found in the entry that it is in', (mask) => {
    const { log } = small;
    for (const [k, line] of log.lines.entries()) {
      for (let at = 0; at < line.length; at++) {
        // A flip to a newline makes two lines of one, the first of which is the bad one.
        mustName(verify(log, flipped(log, k, at, mask), k), k + 1, `byte ${at} of entry ${k + 1}`);
      }
    }
  });

  it('of 5,000 random bytes of 2,000 entries is found in the entry that it is in', () => {
    const { log } = large;
    const { below } = createRandom(20260101);
    for (let i = 0; i < RANDOM_FLIPS; i++) {
      const k = below(LARGE);
      const at = below((log.lines[k] as Buffer).length);
      const mask = 1 + below(255);
      // The lines after the next few are walked only where they can decide: the roots lie at the end.
      mustName(verifyTail(log, flipped(log, k, at, mask), k), k + 1, `flip ${i}: byte ${at} of ${k + 1} by ${mask}`);
    }
  });

  it('that drops an entry is found as missing or truncated there', () => {
    const { log } = small;
    for (let k = 0; k < SMALL; k++) {
      const report = verify(
        log,
        log.lines.filter((_, i) => i !== k),
        k,
      );
      mustName(report, k + 1, `without entry ${k + 1}`, [k === SMALL - 1 ? 'truncated' : 'missing']);
    }
  });

  it('that doubles an entry, right after it or anywhere later, is found', () => {
    const { log } = small;
    for (let k = 0; k < SMALL; k++) {
      for (const to of [k + 1, Math.floor((k + SMALL) / 2) + 1, SMALL]) {
        const lines = [...log.lines.slice(0, to), log.lines[k] as Buffer, ...log.lines.slice(to)];
        mustName(verify(log, lines, k), k + 1, `entry ${k + 1} again after ${to}`, ['duplicated']);
      }
    }
  });

  it('that swaps any two entries is found at the first of them', () => {
    const { log } = small;
    for (let a = 0; a < SMALL; a++) {
      for (let b = a + 1; b < SMALL; b++) {
        const lines = [...log.lines];
        [lines[a], lines[b]] = [lines[b] as Buffer, lines[a] as Buffer];
        mustName(verify(log, lines, a), a + 1, `entries ${a + 1} and ${b + 1} swapped`, ['reordered']);
      }
    }
  });

  it('that cuts it off anywhere is found by the head, and by the anchor alone', () => {
    const { log } = small;
    for (let left = 0; left < SMALL; left++) {
      const cut = log.lines.slice(0, left);
      mustName(verify(log, cut, 0), left + 1, `${left} left`, ['truncated']);
      const trust = readTrust([], log.anchor, [key.verifier]);
      const walk = new Walk(trust.roots);
      if (left > 0) walkLines(walk, padded(cut), padded(cut).length);
      const report = conclude(walk, trust, [key.verifier]);
      expect(report).toMatchObject({ ok: false, completeness: 'unproven', kind: 'truncated', firstBad: left + 1 });
    }
  });
});

describe('a change of an export', () => {
  const { lines, store } = sampleLog(SMALL);
  const file = Buffer.from(`${[...exportLedger(store.ledger, key, FAKE_START)].join('\n')}\n`);
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) as number) + Buffer.byteLength(line) + 1);
  store.remove();
  const check = (text: string): LedgerReport => {
    const parts = text.split('\n');
    if (parts.at(-1) === '') parts.pop();
    return verifyExport(parts, key.verifier);
  };

  it('of none at all is not reported', () => {
    expect(check(file.toString()).ok).toBe(true);
  });

  it('that cuts it off is found at the first entry that is not whole', () => {
    // Every line is cut at its start, in its first byte, somewhere within, before its last byte, and before its newline.
    const closing = starts.at(-1) as number;
    for (const [k, start] of starts.entries()) {
      const end = starts[k + 1] ?? file.length;
      for (const at of [start, start + 1, start + Math.floor((end - start) / 2), end - 2]) {
        const report = check(file.subarray(0, at).toString());
        expect(report).toMatchObject({ ok: false, integrity: false, kind: 'truncated' });
        expect(report.firstBad).toBe((at >= closing ? SMALL : k) + 1);
      }
    }
  });

  it('of any byte of its closing line is found', () => {
    for (let at = starts.at(-1) as number; at < file.length - 1; at++) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] as number) ^ 0x01;
      if (check(changed.toString()).ok) throw new Error(`byte ${at}`);
    }
  });
});

/** {@link verify} for a change in the middle of a long log: a head over the lines up to a little after the change. */
function verifyTail(log: Log, lines: readonly Buffer[], k: number): LedgerReport {
  const end = Math.min(lines.length, k + 4);
  const state = log.states[end] as WalkState;
  const tree = state.before.clone();
  tree.append(state.lastLeaf);
  const trust = readTrust([], undefined, []);
  trust.head = { size: end, root: tree.root().toString('base64'), source: 'head' };
  const walk = new Walk(trust.roots, log.states[k]);
  const bytes = padded(lines.slice(k, end));
  walkLines(walk, bytes, bytes.length);
  return conclude(walk, trust, []);
}
