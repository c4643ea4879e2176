import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { canonicalJson, type JsonObject, sha256 } from '@signalbox/kernel';
import {
  createReceipt,
  evidenceStatement,
  openEnvelope,
  openStatement,
  parseEnvelope,
  proveEntries,
  RECEIPT_PAYLOAD_TYPE,
  type Receipt,
  type ReceiptInput,
  sealEnvelope,
  verifyReceipt,
} from '../../src/attest/index.js';
import {
  type BlobStore,
  createCheckpoint,
  createSigningKey,
  type Evidence,
  type EvidenceDraft,
  openBlobStore,
  openEvidence,
} from '../../src/index.js';
import { proveInclusion } from '../../src/ledger/prove.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

const key = createSigningKey('signalbox.dev/test');
const other = createSigningKey('signalbox.dev/other');
const TASK = 'tsk_1';
const decision: JsonObject = { id: 'pdr_1', decision: 'allow', reason: 'Größe' };
const verdict: JsonObject = { pass: true, reasons: [] };

let store: TestStore;
let blobs: BlobStore;
beforeEach(() => {
  store = createTestStore();
  blobs = openBlobStore(join(store.dir, 'blobs'));
});
afterEach(() => store.remove());

/** A small run as the ledger has it, and everything that a receipt is made of. */
async function collectInput(
  contents: Record<string, string> = { diff: 'a diff', command: 'ok 1' },
): Promise<ReceiptInput> {
  store.append(entry('task.created', `task/${TASK}`, { title: 'x' }), entry('task.created', 'task/tsk_other', {}));
  store.append(entry('policy.decided', 'project', decision));
  const drafts: EvidenceDraft[] = [];
  for (const [kind, content] of Object.entries(contents)) {
    const blob = await blobs.put(content);
    const tree = kind === 'usage' ? null : 'c'.repeat(40);
    drafts.push({
      task: TASK,
      attempt: 'att_1',
      kind,
      producer: 'signalbox/x',
      grade: 'verified',
      tree,
      ...blob,
      summary: { files: 1 },
    });
  }
  const evidence = await openEvidence(store.db, store.ledger, store.env).record(drafts, (items) =>
    items.map(({ task, ...data }) => entry('evidence.collected', `task/${task}`, data as unknown as JsonObject)),
  );
  store.append(entry('task.completed', `task/${TASK}`, { verdict }), entry('task.created', 'task/tsk_late', {}));
  const about = store.ledger
    .read()
    .filter(({ subject, data }) => subject === `task/${TASK}` || data['id'] === 'pdr_1')
    .map(({ seq }) => seq);
  return {
    task: { id: TASK, title: 'x' },
    attempts: [{ id: 'att_1' }],
    decisions: [decision],
    verdict,
    evidence,
    entries: provenEntries(about),
    checkpoint: createCheckpoint(store.ledger, key, store.clock.now()),
    blobs,
    createdAt: store.clock.now(),
  };
}

function provenEntries(seqs: readonly number[]): ReceiptInput['entries'] {
  const lines = [...store.ledger.lines()];
  return seqs.map((seq) => ({ line: lines[seq - 1]?.line ?? '', proof: proveInclusion(store.ledger, seq) }));
}

const bodyOf = (text: string): Receipt =>
  JSON.parse(
    openEnvelope(parseEnvelope(text), [key.verifier], { payloadType: RECEIPT_PAYLOAD_TYPE }).payload.toString(),
  );
/** Signs a changed receipt anew, as whoever has the key could. */
const forge = (text: string, edit: (receipt: Receipt) => void): string => {
  const receipt = bodyOf(text);
  edit(receipt);
  return `${canonicalJson(sealEnvelope(RECEIPT_PAYLOAD_TYPE, canonicalJson(receipt), [key]))}\n`;
};
const [first, second] = [0, 1] as const;

describe('a receipt', () => {
  it('verifies from its text and the public key, and says what that shows', async () => {
    const text = await createReceipt(await collectInput(), key);
    const report = verifyReceipt(text, key.verifier);
    expect(report).toEqual({
      ok: true,
      task: TASK,
      signer: `signalbox.dev/test+${key.verifier.keyHash}`,
      proved: [
        expect.stringContaining('The file is unchanged since signalbox.dev/test+'),
        expect.stringMatching(
          /^5 entries about the task, exactly as here, stood in the log signalbox.dev\/log_\w+ when it had 8, signed at 2026/,
        ),
        'What is said of 2 pieces of evidence, grades included, is what the log recorded; the contents of 2 are in this file.',
        'What is said of 1 policy decision is what the log recorded.',
        expect.stringMatching(/^The verdict is the one that entry 7 recorded, and no later one here has another\.$/),
      ],
      notProved: [
        expect.stringContaining('beyond these entries'),
        expect.stringContaining('left out'),
        expect.stringContaining('forked or cut'),
        expect.stringContaining('Whose the key is'),
      ],
    });
    expect(text.endsWith('\n')).toBe(true);
    expect(verifyReceipt(text, [other.verifier, key.verifier]).ok).toBe(true);
    const [evidence] = bodyOf(text).evidence;
    expect(Buffer.from(evidence?.content ?? '', 'base64').toString()).toBe('a diff');
    expect(openStatement(parseEnvelope(evidence?.statement), [key.verifier])).toMatchObject({
      subject: [{ name: 'tree', digest: { gitTree: 'c'.repeat(40) } }],
      predicateType: 'https://signalbox.dev/attestation/diff/v1',
      predicate: { files: 1, content: { digest: { sha256: sha256('a diff').slice(7) }, size: 6 } },
    });
  });

  it('is found changed at every single byte', async () => {
    const text = await createReceipt(await collectInput({ diff: 'd' }), key);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++) {
      // Three masks at each byte would take a minute: they take turns.
      const mask = [0x01, 0x20, 0x80][at % 3] ?? 0;
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ mask;
      if (verifyReceipt(flipped.toString(), key.verifier).ok) throw new Error(`byte ${at}, mask ${mask} was not found`);
    }
    for (const length of [0, 1, bytes.length - 1])
      expect(verifyReceipt(text.slice(0, length), key.verifier).ok).toBe(false);
    expect(verifyReceipt(`${text}\n`, key.verifier).firstBad?.where).toBe('envelope');
    expect(verifyReceipt(` ${text}`, key.verifier).firstBad?.where).toBe('envelope');
  }, 240_000);

  it('needs the right key, one signature, and a size that can be read', async () => {
    const text = await createReceipt(await collectInput(), key);
    expect(verifyReceipt(text, other.verifier)).toMatchObject({
      ok: false,
      proved: [],
      firstBad: { where: 'envelope' },
    });
    expect(verifyReceipt(text, []).ok).toBe(false);
    const payload = Buffer.from(parseEnvelope(text).payload, 'base64');
    const twice = `${canonicalJson(sealEnvelope(RECEIPT_PAYLOAD_TYPE, payload, [key, key]))}\n`;
    expect(verifyReceipt(twice, key.verifier).firstBad?.reason).toContain('not written as a receipt');
    const noReceipt = (content: string): string =>
      `${canonicalJson(sealEnvelope(RECEIPT_PAYLOAD_TYPE, content, [key]))}\n`;
    expect(verifyReceipt(noReceipt('{}'), key.verifier).firstBad).toMatchObject({ where: 'receipt' });
    expect(verifyReceipt(noReceipt('x'), key.verifier).firstBad).toMatchObject({ where: 'receipt' });
    expect(verifyReceipt('x'.repeat(64 * 1024 * 1024 + 1), key.verifier).firstBad?.reason).toContain('longer than');
    const doubled = noReceipt(payload.toString().replace('"task":{', '"task":{"id":"tsk_2"},"task":{'));
    expect(verifyReceipt(doubled, key.verifier).firstBad?.reason).toContain('not written as a receipt');
    const deep = noReceipt(payload.toString().replace('"task":{', `"task":{"a":${'['.repeat(5e4)}${']'.repeat(5e4)},`));
    expect(verifyReceipt(deep, key.verifier).firstBad).toMatchObject({ where: 'receipt' });
    const surrogate = noReceipt(payload.toString().replace('"allow"', '"\\ud800"'));
    expect(verifyReceipt(surrogate, key.verifier).firstBad).toMatchObject({ where: 'receipt' });
  });

  it('names the first thing that is wrong even if its signer forged it', async () => {
    const input = await collectInput();
    const text = await createReceipt(input, key);
    const [one, two] = [input.evidence[first]?.id, input.evidence[second]?.id];
    const at = <T>(list: readonly T[], index: number): T => list[index] as T;
    const cases: [string, (receipt: Receipt) => void][] = [
      ['checkpoint', (r) => void Object.assign(r, { checkpoint: 'x' })],
      ['checkpoint', (r) => void Object.assign(r, { checkpoint: createCheckpoint(store.ledger, other, 0) })],
      ['entry 2', (r) => void Object.assign(at(r.entries, 0), { line: at(r.entries, 0).line.replace('"x"', '"y"') })],
      ['entry 2', (r) => void Object.assign(at(r.entries, 0).proof, { hashes: ['!'] })],
      ['entry 2', (r) => void Object.assign(at(r.entries, 0).proof, { size: 7 })],
      ['entry 3', (r) => void Object.assign(r, { entries: [at(r.entries, 0), ...provenEntries([3])] })],
      ['entry 2', (r) => void r.entries.splice(1, 0, at(r.entries, 0))],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0).record, { grade: 'claimed' })],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0).record, { task: 'tsk_2' })],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0), { content: 'AAAA' })],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0), { content: '?' })],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0), { statement: at(r.evidence, 1).statement })],
      [`evidence ${one}`, (r) => void Object.assign(at(r.evidence, 0), { statement: {} })],
      [`evidence ${two}`, (r) => void r.entries.splice(3, 1)],
      ['entry 6', (r) => void r.evidence.splice(1, 1)],
      ['decision pdr_1', (r) => void Object.assign(at(r.decisions, 0), { decision: 'deny' })],
      ['decision pdr_2', (r) => void r.decisions.push({ id: 'pdr_2' })],
      ['decision pdr_1', (r) => void r.decisions.push(at(r.decisions, 0))],
      ['entry 4', (r) => void r.decisions.splice(0, 1)],
      ['verdict', (r) => void Object.assign(r, { verdict: { pass: false, reasons: [] } })],
      ['verdict', (r) => void Object.assign(r, { verdict: null })],
      ['receipt', (r) => void Object.assign(r, { createdAt: 'noon, as everybody knows' })],
    ];
    for (const [where, edit] of cases) {
      const report = verifyReceipt(forge(text, edit), key.verifier);
      expect([edit.toString(), report.firstBad?.where]).toEqual([edit.toString(), where]);
      expect(report.firstBad?.reason).toMatch(/\.$/);
      expect(report.ok).toBe(false);
    }
  });

  it('leaves large, removed, lost and changed contents out, and says so', async () => {
    const input = await collectInput({
      diff: 'd'.repeat(50),
      log: 'a',
      usage: 'b',
      artefact: 'c',
      command: 'e',
      more: 'f',
    });
    const digestOf = (index: number) => (input.evidence[index] as Evidence).digest;
    await blobs.remove(digestOf(1), { reason: 'it held a name', at: store.clock.now() });
    const states = { [digestOf(2)]: { state: 'missing' as const }, [digestOf(3)]: { state: 'corrupt' as const } };
    const check: BlobStore['check'] = async (digest) => states[digest] ?? blobs.check(digest);
    const text = await createReceipt({ ...input, blobs: { get: blobs.get, check } }, key, {
      maxContentBytes: 10,
      maxTotalBytes: 1,
    });
    const report = verifyReceipt(text, key.verifier);
    expect(report.ok).toBe(true);
    expect(report.proved[2]).toContain('the contents of 1 are in this file');
    expect(report.notProved.slice(0, 5).map((each) => each.replace(/^.*?evd_\w+: /, ''))).toEqual([
      'It is too large for this file.',
      'It was removed, on 2026-01-01T00:00:00.000Z, because it held a name.',
      'It is lost.',
      'It was changed on the disk.',
      'It is too large for this file.',
    ]);
  });

  it("calls a verdict that no entry has the signer's word", async () => {
    const input = await collectInput();
    const entries = input.entries.filter(({ line }) => !line.includes('"verdict"'));
    const text = await createReceipt({ ...input, entries, verdict: { pass: true, reasons: ['because'] } }, key);
    expect(verifyReceipt(text, key.verifier).notProved[0]).toContain('the signer says it');
    const none = await createReceipt({ ...input, entries, verdict: null }, key);
    expect(verifyReceipt(none, key.verifier).proved).toHaveLength(4);
  });

  it('is not handed out if its parts do not fit', async () => {
    const input = await collectInput();
    store.append(entry('task.noted', `task/${TASK}`));
    const later = { ...input, checkpoint: createCheckpoint(store.ledger, key, 0) };
    await expect(createReceipt(later, key)).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
      details: { where: 'entry 2' },
    });
    await expect(createReceipt(input, other)).rejects.toMatchObject({
      code: 'RECEIPT_INVALID',
      details: { where: 'checkpoint' },
    });
  });
});

describe('proveEntries', () => {
  it('proves in one pass what proveInclusion proves one by one, at every size', () => {
    for (let i = 0; i < 20; i++) store.append(entry('task.noted', `task/${TASK}`, { i }));
    for (let size = 1; size <= 21; size++) {
      const seqs = Array.from({ length: size }, (_, i) => i + 1);
      const one = proveEntries(store.ledger, seqs, size);
      expect(one.map(({ proof }) => proof)).toEqual(seqs.map((seq) => proveInclusion(store.ledger, seq, size)));
    }
    expect(proveEntries(store.ledger, [], 0)).toEqual([]);
    expect(proveEntries(store.ledger, [7], 9).map(({ line }) => line)).toEqual([[...store.ledger.lines()][6]?.line]);
    for (const [seqs, size] of [
      [[22], 21],
      [[1], 99],
      [[0], 5],
    ] as const) {
      expect(() => proveEntries(store.ledger, seqs, size)).toThrow(expect.objectContaining({ code: 'PROOF_RANGE' }));
    }
  });
});

describe('the statement of a piece of evidence', () => {
  const record: Evidence = {
    id: 'evd_1',
    at: '2026-01-01T00:00:00.000Z',
    task: TASK,
    attempt: 'att_1',
    kind: 'test-report',
    producer: 'signalbox/test-report',
    grade: 'verified',
    tree: sha256('listing'),
    digest: sha256('report'),
    size: 6,
    summary: { failed: 0, counts: true },
  };
  const make = (fields: Partial<Evidence>) => evidenceStatement({ ...record, ...fields });

  it('takes a test report for passed only if it counts', () => {
    expect(make({})).toMatchObject({
      subject: [{ digest: { sha256: sha256('listing').slice(7) } }],
      predicate: { result: 'PASSED' },
    });
    expect(make({ summary: { failed: 0, counts: false } }).predicate['result']).toBe('WARNED');
    expect(make({ summary: { failed: 1, counts: true, failures: ['a'] } }).predicate).toMatchObject({
      result: 'FAILED',
      failedTests: ['a'],
    });
    expect(make({ summary: {} }).predicate['result']).toBe('WARNED');
  });

  it('is about the content where there is no tree, and carries the summary of other kinds', () => {
    expect(make({ kind: 'usage', tree: null })).toMatchObject({
      subject: [{ name: 'evd_1', digest: { sha256: sha256('report').slice(7) } }],
      predicateType: 'https://signalbox.dev/attestation/evidence/v1',
      predicate: { summary: record.summary, evidence: { id: 'evd_1', grade: 'verified' } },
    });
    expect(make({ kind: 'command', summary: { exitCode: 0, purpose: 'check', more: 1 } })).toMatchObject({
      predicateType: 'https://signalbox.dev/attestation/command/v1',
      predicate: { exitCode: 0, purpose: 'check' },
    });
  });
});
