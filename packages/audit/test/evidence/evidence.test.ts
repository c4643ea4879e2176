import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256 } from '@signalbox/kernel';
import { type EvidenceDraft, type EvidenceIndex, openEvidence, verifyStoredLedger } from '../../src/index.js';
import { createTestStore, entry, type TestStore } from '../support/store.js';

let store: TestStore;
let index: EvidenceIndex;
beforeEach(() => {
  store = createTestStore();
  index = openEvidence(store.db, store.ledger, store.env);
});
afterEach(() => store.remove());

const draft = (fields: Partial<EvidenceDraft> = {}): EvidenceDraft => ({
  task: 'tsk_1',
  attempt: 'att_1',
  kind: 'diff',
  producer: 'git-diff',
  grade: 'observed',
  tree: sha256('tree'),
  digest: sha256('blob'),
  size: 4,
  summary: { files: 2, paths: ['a.ts'] },
  ...fields,
});

describe('openEvidence', () => {
  it('records evidence and its entries in one transaction', async () => {
    const recorded = await index.record(
      [draft(), draft({ kind: 'command', tree: null, grade: 'claimed' })],
      (evidence) =>
        evidence.map(({ id, task, digest }) => entry('evidence.collected', `task/${task}`, { evidence: id, digest })),
    );
    expect(recorded[0]).toEqual({ ...draft(), id: expect.stringMatching(/^evd_/), at: '2026-01-01T00:00:00.000Z' });
    expect(await index.list()).toEqual(recorded);
    expect(store.ledger.read({ kind: 'evidence.' }).map(({ data }) => data['evidence'])).toEqual(
      recorded.map(({ id }) => id),
    );
    expect(verifyStoredLedger(store.db).ok).toBe(true);
  });

  it('records nothing when the journal refuses', async () => {
    const refused = index.record([draft()], () => [entry('Not A Kind', 'x/1')]);
    await expect(refused).rejects.toMatchObject({ code: 'ENTRY_INVALID' });
    expect(await index.list()).toEqual([]);
  });

  it('refuses a grade that does not exist', async () => {
    const sworn = index.record([draft({ grade: 'sworn' as 'claimed' })], () => []);
    await expect(sworn).rejects.toMatchObject({ message: expect.stringContaining('CHECK') });
  });

  it('lists by task and attempt, oldest first', async () => {
    await index.record([draft(), draft({ attempt: 'att_2' }), draft({ task: 'tsk_2' })], () => []);
    const attempts = async (filter: Parameters<EvidenceIndex['list']>[0]) =>
      (await index.list(filter)).map(({ task, attempt }) => `${task} ${attempt}`);
    expect(await attempts({ task: 'tsk_1' })).toEqual(['tsk_1 att_1', 'tsk_1 att_2']);
    expect(await attempts({ attempt: 'att_1' })).toEqual(['tsk_1 att_1', 'tsk_2 att_1']);
    expect(await attempts({ task: 'tsk_2', attempt: 'att_2' })).toEqual([]);
  });

  it('finds one by its id or a prefix that only it has', async () => {
    const [first] = await index.record([draft()], () => []);
    await store.clock.advance(1000 * 60 * 60 * 24 * 400);
    const [second] = await index.record([draft()], () => []);
    expect(await index.get(String(first?.id))).toEqual(first);
    expect(await index.get(String(second?.id).slice(0, 10))).toEqual(second);
    await expect(index.get('evd_')).rejects.toMatchObject({
      code: 'AMBIGUOUS_ID',
      details: { candidates: [first?.id, second?.id] },
    });
    await expect(index.get('evd_zzz')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(index.get('')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
