import { afterAll, describe, expect, it } from '@jest/globals';
import { FAKE_START } from '@signalbox/testkit';
import {
  createCheckpoint,
  createSigningKey,
  exportLedger,
  type LedgerReport,
  verifierKey,
  verifyExport,
} from '../../src/index.js';
import { createTestStore, entry, sampleLog } from '../support/store.js';

const key = createSigningKey('signalbox.dev/test');
const { store } = sampleLog(6);
const anchor = createCheckpoint(store.ledger, key, FAKE_START);
const lines = [...exportLedger(store.ledger, key, FAKE_START)];
const closing = String(lines.at(-1));
const truncated = (firstBad: number): Partial<LedgerReport> => ({
  ok: false,
  integrity: false,
  kind: 'truncated',
  firstBad,
});
afterAll(() => store.remove());

describe('an export', () => {
  it('holds every entry and a closing line with a checkpoint over exactly these', () => {
    expect(lines).toHaveLength(7);
    const { checkpoint, key: name } = JSON.parse(closing) as Record<string, string>;
    expect(name).toBe(verifierKey(key));
    expect(checkpoint?.split('\n').slice(1, 3)).toEqual(['6', store.ledger.head().root]);
  });

  it('verifies with the key it brings, and says whose key that is', () => {
    expect(verifyExport(lines)).toMatchObject({
      ok: true,
      integrity: true,
      completeness: 'unproven',
      entries: 6,
      signer: verifierKey(key),
    });
  });

  it('is proven complete up to an anchor', () => {
    expect(verifyExport(lines, key.verifier, anchor)).toMatchObject({
      ok: true,
      completeness: 'proven',
      anchoredAt: { size: 6 },
    });
  });

  it('is not accepted when another key signed it', () => {
    const report = verifyExport(lines, createSigningKey('signalbox.dev/test').verifier);
    expect(report).toMatchObject({ ok: false, integrity: false });
    expect(report.reason).toContain('not signed by');
  });

  it('is truncated at every length short of the whole', () => {
    for (let left = 0; left < lines.length; left++) {
      expect(verifyExport(lines.slice(0, left))).toMatchObject(truncated(left + 1));
    }
  });

  it('is truncated when it is cut within a line', () => {
    for (const line of [2, 6]) {
      const torn = [...lines.slice(0, line), String(lines[line]).slice(0, -20)];
      expect(verifyExport(torn)).toMatchObject(truncated(line + 1));
    }
  });

  it('is truncated when entries are gone before the closing line', () => {
    expect(verifyExport([...lines.slice(0, 4), closing])).toMatchObject(truncated(5));
  });

  it('names an edited entry, the last one too', () => {
    for (let k = 1; k <= 6; k++) {
      const edited = lines.map((line, i) => (i === k - 1 ? line.replace('/projects/test', '/projects/best') : line));
      expect(verifyExport(edited)).toMatchObject({ ok: false, integrity: false, kind: 'edited', firstBad: k });
    }
  });

  it('with lines after the closing one is not accepted', () => {
    expect(verifyExport([...lines, ...lines]).ok).toBe(false);
    expect(verifyExport([...lines.slice(0, 6), closing, closing])).toMatchObject({
      ok: false,
      firstBad: 7,
      kind: 'edited',
    });
  });

  it('with a closing line of another log, or one that covers less, is not accepted', () => {
    const close = (note: string): string => JSON.stringify({ checkpoint: note, key: verifierKey(key) });
    const head = store.ledger.head();
    const foreign = close(createCheckpoint({ head: () => ({ ...head, logId: 'log_x' }) }, key, FAKE_START));
    expect(verifyExport([...lines.slice(0, 6), foreign])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('another log'),
    });
    const short = close(createCheckpoint({ head: () => ({ ...head, size: 5 }) }, key, FAKE_START));
    expect(verifyExport([...lines.slice(0, 6), short])).toMatchObject({ ok: false, kind: 'edited', firstBad: 6 });
  });

  it('with a closing line that is garbled is not accepted', () => {
    const body = lines.slice(0, 6);
    expect(verifyExport([...body, closing.replace('"key":"', '"key":"no')])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('key'),
    });
    expect(verifyExport([...body, '{"checkpoint":"x"}'], key.verifier)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('well formed'),
    });
    expect(verifyExport([...body, '{"checkpoint":1}'])).toMatchObject({ ok: false, firstBad: 7 });
  });

  it('ends where the ledger was when it began, whatever is appended meanwhile', () => {
    const own = createTestStore();
    own.append(entry('a.b', 'x/1'));
    const seen: string[] = [];
    for (const line of exportLedger(own.ledger, key, FAKE_START)) {
      if (seen.length === 0) own.append(entry('a.late', 'x/2'));
      seen.push(line);
    }
    expect(seen).toHaveLength(3);
    expect(verifyExport(seen, key.verifier)).toMatchObject({ ok: true, entries: 2 });
    own.remove();
  });

  it('of a changed ledger is not signed', () => {
    const own = createTestStore();
    own.append(entry('a.b', 'x/1'));
    own.db.exec("UPDATE ledger SET line = replace(line, 'ana', 'bob') WHERE seq = 2");
    expect(() => [...exportLedger(own.ledger, key, FAKE_START)]).toThrow(
      expect.objectContaining({ code: 'LEDGER_DAMAGED' }),
    );
    own.remove();
  });
});
