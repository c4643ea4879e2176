import { afterAll, describe, expect, it } from '@jest/globals';
import { FAKE_START } from '@signalbox/testkit';
import {
  createCheckpoint,
  createSigningKey,
  type LedgerReport,
  storeCheckpoint,
  verifierKey,
  verifyLedger,
  verifyStoredLedger,
} from '../../src/index.js';
import { formatLeaf } from '../../src/ledger/entry.js';
import { Frontier } from '../../src/merkle/frontier.js';
import { hashLeaf } from '../../src/merkle/leaf.js';
import { createTestStore, entry, numbered, sampleLog } from '../support/store.js';

const SIZE = 8;
const key = createSigningKey('signalbox.dev/test');
const { lines, store } = sampleLog(SIZE);
const head = store.ledger.head();
const checkpoint = createCheckpoint(store.ledger, key, FAKE_START);
afterAll(() => store.remove());

const SWAP_ROWS = `UPDATE ledger SET seq = -3 WHERE seq = 3;
  UPDATE ledger SET seq = 3 WHERE seq = 4; UPDATE ledger SET seq = 4 WHERE seq = -3`;

const check = (changed: readonly string[], options = {}): LedgerReport =>
  verifyLedger(numbered(changed), { checkpoints: [], head, ...options });
const bad = (kind: string, firstBad: number) => ({
  ok: false,
  integrity: false,
  completeness: 'unproven',
  kind,
  firstBad,
});
const without = (k: number): string[] => lines.filter((_, i) => i !== k - 1);
const replaced = (k: number, line: string): string[] => lines.map((each, i) => (i === k - 1 ? line : each));
const edit = (k: number): string[] =>
  replaced(
    k,
    String(lines[k - 1])
      .replace('user:ana', 'user:bob')
      .replace('"system"', '"nobody"'),
  );

/** What somebody without the key can do at best: change entry `from` and chain everything after it anew. */
function rewriteFrom(from: number): string[] {
  const result = edit(from);
  for (let i = from; i < result.length; i++) {
    result[i] = String(result[i]).replace(/sha256:[0-9a-f]{64}/, formatLeaf(hashLeaf(String(result[i - 1]))));
  }
  return result;
}

describe('verifyLedger', () => {
  it('finds nothing wrong with an untouched log, and does not claim that it is complete', () => {
    expect(check(lines)).toEqual({
      ...{ ok: true, integrity: true, completeness: 'unproven', entries: SIZE, mode: 'full', readFrom: 1 },
      proved: [
        'Entries 1 to 8 were read: each quotes the one before, and every recorded root is theirs.',
        'No key was given, so no signature was checked.',
        'Completeness is not proven: there is no anchor from outside the log.',
      ],
    });
    expect(check(lines, { checkpoints: [checkpoint], verifier: key.verifier })).toMatchObject({
      ok: true,
      signer: verifierKey(key),
    });
  });

  it.each([
    ['with a head', { head }],
    ['with a checkpoint only', { head: undefined, checkpoints: [checkpoint] }],
  ])('names the entry whichever byte of a line is changed, %s', (_, options) => {
    for (let k = 1; k <= SIZE; k++) {
      const line = String(lines[k - 1]);
      for (let at = 0; at < line.length; at++) {
        const changed = line.slice(0, at) + (line[at] === '0' ? '1' : '0') + line.slice(at + 1);
        const report = check(replaced(k, changed), options);
        if (report.firstBad !== k || report.kind !== 'edited' || report.integrity) {
          throw new Error(`byte ${at} of entry ${k}: ${JSON.stringify(report)}`);
        }
      }
    }
  });

  it('names the first of several edited entries, also of two neighbours and of the last ones', () => {
    for (let k = 1; k < SIZE; k++) {
      const both = edit(k);
      for (let j = k + 1; j <= SIZE; j++) {
        both[j - 1] = edit(j)[j - 1] as string;
        expect(check(both, { checkpoints: [checkpoint] }).kind).toBe('edited');
        if (j < SIZE) expect(check(both)).toMatchObject(bad('edited', k));
        both[j - 1] = String(lines[j - 1]);
      }
    }
  });

  it('names an edited entry without any recorded root, except the last', () => {
    for (let k = 1; k < SIZE; k++) {
      expect(check(edit(k), { head: undefined })).toMatchObject(bad('edited', k));
    }
    expect(check(edit(SIZE), { head: undefined }).ok).toBe(true);
  });

  it('names a missing entry', () => {
    for (let k = 1; k < SIZE; k++) expect(check(without(k))).toMatchObject(bad('missing', k));
  });

  it('names an entry that stands too late', () => {
    for (let k = 1; k < SIZE; k++) {
      const swapped = [...lines];
      [swapped[k - 1], swapped[k]] = [String(lines[k]), String(lines[k - 1])];
      expect(check(swapped)).toMatchObject(bad('reordered', k));
    }
    expect(check([...without(3), String(lines[2])])).toMatchObject(bad('reordered', 3));
  });

  it('names an entry that is there twice', () => {
    for (let k = 1; k <= SIZE; k++) {
      const doubled = lines.flatMap((line, i) => (i === k - 1 ? [line, line] : [line]));
      expect(check(doubled)).toMatchObject({ ...bad('duplicated', k), entries: SIZE + 1 });
    }
  });

  it('says where a log was cut, by its head or by a checkpoint', () => {
    for (let left = 0; left < SIZE; left++) {
      expect(check(lines.slice(0, left))).toMatchObject(bad('truncated', left + 1));
      const byCheckpoint = check(lines.slice(0, left), { head: undefined, checkpoints: [checkpoint] });
      expect(byCheckpoint).toMatchObject(bad('truncated', left + 1));
    }
  });

  it('finds an entry that was added behind the back of the head', () => {
    const early = { ...head, size: SIZE - 1 };
    expect(check(lines, { head: early })).toMatchObject(bad('edited', SIZE));
  });

  it('finds a line under a number that is not its own', () => {
    const items = numbered(lines).map((item) => (item.seq === 4 ? { ...item, seq: 40 } : item));
    expect(verifyLedger(items, { checkpoints: [] })).toMatchObject(bad('edited', 4));
  });

  it('finds a log that was chained anew, and says what no recorded root vouches for', () => {
    const early = createTestLogCheckpoint(4);
    const report = check(rewriteFrom(6), { checkpoints: [checkpoint, early], head: undefined });
    expect(report).toMatchObject({ ok: false, integrity: false, kind: 'edited' });
    expect(check(rewriteFrom(3), { checkpoints: [early] })).toMatchObject({
      ...bad('edited', 1),
      reason: expect.stringContaining('between entries 1 and 4'),
    });
  });

  it('blames the entry that completes a root when the next one does not quote it either', () => {
    expect(check(edit(4), { checkpoints: [createTestLogCheckpoint(4)] })).toMatchObject(bad('edited', 4));
  });

  it('blames the entry after a confirmed root when only its quote was changed', () => {
    const line = String(lines[4]).replace(/sha256:../, 'sha256:00');
    expect(check(replaced(5, line), { checkpoints: [createTestLogCheckpoint(4)], head: undefined })).toMatchObject(
      bad('edited', 5),
    );
  });
});

describe('an anchor', () => {
  const early = createTestLogCheckpoint(5);

  it('proves completeness up to its size', () => {
    expect(check(lines, { anchor: early, verifier: key.verifier })).toMatchObject({
      ok: true,
      integrity: true,
      completeness: 'proven',
      entries: SIZE,
      anchoredAt: { size: 5, time: '2026-01-01T00:00:00.000Z' },
      signer: verifierKey(key),
    });
  });

  it('shows that a log was cut whose own head was cut as well', () => {
    const cut = lines.slice(0, 3);
    expect(check(cut, { head: undefined }).ok).toBe(true);
    expect(check(cut, { head: undefined, anchor: early })).toMatchObject({
      ok: false,
      integrity: true,
      completeness: 'unproven',
      kind: 'truncated',
      firstBad: 4,
    });
  });

  it('shows that a log was rewritten whose head was rewritten as well', () => {
    expect(check(rewriteFrom(2), { head: undefined, anchor: early })).toMatchObject({
      integrity: false,
      kind: 'edited',
      completeness: 'unproven',
    });
  });

  it('of another log says that this one was started anew', () => {
    const foreign = createCheckpoint({ head: () => ({ ...head, logId: 'log_other' }) }, key, FAKE_START);
    expect(check(lines, { anchor: foreign })).toMatchObject({
      ok: false,
      integrity: true,
      kind: 'truncated',
      firstBad: 1,
    });
  });

  it('that the key did not sign does not count', () => {
    const report = check(lines, { anchor: early, verifier: createSigningKey('other').verifier });
    expect(report).toMatchObject({ ok: false, integrity: true, completeness: 'unproven' });
    expect(report.reason).toContain('anchor');
  });

  it('over nothing proves nothing', () => {
    const nothing = createCheckpoint({ head: () => ({ ...head, size: 0 }) }, key, FAKE_START);
    expect(check(lines, { anchor: nothing })).toMatchObject({ ok: true, completeness: 'unproven' });
  });

  it('that is no checkpoint is refused', () => {
    expect(() => check(lines, { anchor: 'hello' })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_INVALID' }));
  });
});

describe('a stored checkpoint', () => {
  it.each([
    ['that is garbled', 'garbled', 'not well formed'],
    ['of another key', createCheckpoint(store.ledger, createSigningKey('other'), FAKE_START), 'is not signed by'],
    ['with a changed root', checkpoint.replace(/\n[^\n]{43}=\n/, `\n${'A'.repeat(43)}=\n`), 'false signature'],
    ['of another log', createCheckpoint({ head: () => ({ ...head, logId: 'log_x' }) }, key, FAKE_START), 'another log'],
  ])('%s breaks integrity without blaming an entry', (_, note, reason) => {
    const report = check(lines, { checkpoints: [note], verifier: key.verifier });
    expect(report).toMatchObject({ ok: false, integrity: false, reason: expect.stringContaining(reason) });
    expect(report.firstBad).toBeUndefined();
  });
});

describe('verifyStoredLedger', () => {
  it('verifies a database against its own head, checkpoints and columns', () => {
    const own = createTestStore();
    own.append(...Array.from({ length: 600 }, (_, i) => entry('a.b', `x/${i}`, { task: 'tsk_1' })));
    storeCheckpoint(own.db, createCheckpoint(own.ledger, key, FAKE_START));
    const anchor = createCheckpoint(own.ledger, key, FAKE_START);
    expect(verifyStoredLedger(own.db, { verifier: key.verifier, anchor })).toMatchObject({
      ok: true,
      completeness: 'proven',
      entries: 601,
    });
    own.remove();
  });

  it.each([
    ['an edited line', "UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 3", bad('edited', 3)],
    ['a hidden entry', "UPDATE ledger SET kind = 'x.y' WHERE seq = 3", bad('edited', 3)],
    ['a task that is filed under another', "UPDATE ledger SET task = 'tsk_9' WHERE seq = 3", bad('edited', 3)],
    ['a deleted row', 'DELETE FROM ledger WHERE seq = 3', bad('missing', 3)],
    ['deleted last rows', 'DELETE FROM ledger WHERE seq > 3', bad('truncated', 4)],
    [
      'a row before the first',
      'INSERT INTO ledger SELECT -1, kind, subject, task, line FROM ledger WHERE seq = 1',
      bad('edited', 1),
    ],
    ['two rows that changed places', SWAP_ROWS, bad('reordered', 3)],
    [
      'a lost head',
      'DELETE FROM ledger_head',
      { ok: false, integrity: false, reason: 'The head of the ledger is gone.' },
    ],
    ['a damaged head', "UPDATE ledger_head SET frontier = x'00'", { ok: false, integrity: false }],
  ])('finds %s', (_, sql, expected) => {
    const own = createTestStore();
    for (let i = 0; i < 6; i++) own.append(entry('a.b', `x/${i}`));
    own.db.exec(sql);
    expect(verifyStoredLedger(own.db)).toMatchObject(expected);
    own.remove();
  });
});

/** A checkpoint over the first `size` entries of the sample, as it would have been made then. */
function createTestLogCheckpoint(size: number): string {
  const tree = new Frontier();
  for (const line of lines.slice(0, size)) tree.append(hashLeaf(line));
  const root = tree.root().toString('base64');
  return createCheckpoint({ head: () => ({ logId: head.logId, size, root }) }, key, FAKE_START);
}
