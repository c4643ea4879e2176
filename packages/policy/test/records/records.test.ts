import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createIds, digestOf, type JournalEntry } from '@signalbox/kernel';
import { openSqlite, type SqlDatabase } from '@signalbox/kernel/sqlite';
import { createFakeClock, type FakeClock } from '@signalbox/testkit';
import {
  type Approval,
  type ApprovalDraft,
  openSqlitePolicyRecords,
  type PolicyRecords,
  refusedAnswerer,
} from '../../src/records/index.js';

const HOUR = 3_600_000;
let folder: string;
let db: SqlDatabase;
let clock: FakeClock;
let records: PolicyRecords;
let journal: string[];

const open = (): PolicyRecords =>
  openSqlitePolicyRecords(db, {
    clock,
    ids: createIds(clock),
    journal: { append: (entries) => void journal.push(...entries.map(({ kind }) => kind)) },
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'));
  clock = createFakeClock();
  db = openSqlite(join(folder, 'state.db'));
  journal = [];
  records = open();
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const say =
  (kind: string) =>
  (approval: { id: string }): JournalEntry[] => [
    { kind, actor: 'system', subject: 'project', data: { id: approval.id } },
  ];
const draft = (what: string, fields: Partial<ApprovalDraft> = {}): ApprovalDraft => ({
  digest: digestOf(what),
  decision: 'pdr_1',
  requester: 'ai:codex',
  task: 'tsk_1',
  what,
  request: {},
  exactly: null,
  rules: ['project/ask'],
  approvers: [],
  authors: ['ai:codex', 'user:ana'],
  expiresAt: new Date(clock.now() + HOUR).toISOString(),
  ...fields,
});
const ask = async (what = 'push', fields: Partial<ApprovalDraft> = {}) =>
  (await records.approvals.request(draft(what, fields), say('asked'))).approval;
const answer = (approval: Approval, effect: 'approve' | 'reject', scope: 'once' | 'task' = 'once', by = 'user:ana') =>
  records.approvals.answer(approval.id, { effect, scope, by, reason: null }, clock.now() + HOUR, say('answered'));

describe('an approval', () => {
  it('is asked for once, however often the same question comes, also from another process', async () => {
    const first = await ask();
    const again = await open().approvals.request(draft('push'), say('asked'));
    expect(again).toEqual({ approval: first, created: false });
    expect((await ask('fetch')).id).not.toBe(first.id);
    expect(journal).toEqual(['asked', 'asked']);
    expect((await records.approvals.list({ waiting: true })).map(({ what }) => what)).toEqual(['fetch', 'push']);
    expect((await records.approvals.list({ task: 'tsk_2' })).length).toBe(0);
  });

  it('is answered by the first who does; the same answer again changes nothing, another is too late', async () => {
    const asked = await ask();
    expect(await answer(asked, 'approve')).toMatchObject({
      status: 'answered',
      approval: { state: 'approved', answer: { by: 'user:ana', scope: 'once', at: expect.any(String) } },
    });
    expect((await answer(asked, 'approve')).status).toBe('same');
    expect((await answer(asked, 'reject')).status).toBe('answered_before');
    expect((await answer(asked, 'approve', 'once', 'user:bo')).status).toBe('answered_before');
    expect((await answer(asked, 'approve', 'task')).status).toBe('answered_before');
    expect(journal).toEqual(['asked', 'answered']);
  });

  it('for once is used once, and is there again if nothing came of it', async () => {
    const asked = await ask();
    expect(await records.approvals.use(asked.id, 'pdr_2', say('used'))).toBe(false);
    await answer(asked, 'approve');
    expect(await records.approvals.use(asked.id, 'pdr_2', say('used'))).toBe(true);
    expect(await records.approvals.use(asked.id, 'pdr_3', say('used'))).toBe(false);
    await records.approvals.giveBack(asked.id, 'pdr_3', say('given back'));
    expect((await records.approvals.get(asked.id)).state).toBe('used');
    await records.approvals.giveBack(asked.id, 'pdr_2', say('given back'));
    expect(await records.approvals.use(asked.id, 'pdr_4', say('used'))).toBe(true);
    expect((await ask()).id).not.toBe(asked.id);
    expect(journal).toEqual(['asked', 'answered', 'used', 'given back', 'used', 'asked']);
  });

  it('for a task is used as often as it is asked about, until it runs out', async () => {
    const asked = await ask();
    await answer(asked, 'approve', 'task');
    expect(await records.approvals.use(asked.id, 'pdr_2', say('used'))).toBe(true);
    expect(await records.approvals.use(asked.id, 'pdr_3', say('used'))).toBe(true);
    clock.advance(HOUR);
    expect(await records.approvals.use(asked.id, 'pdr_4', say('used'))).toBe(false);
  });

  it('that nobody answers in time is a no, and cannot be answered any more', async () => {
    const asked = await ask();
    clock.advance(HOUR - 1);
    expect(await records.approvals.expire(say('expired'))).toEqual([]);
    clock.advance(1);
    expect((await answer(asked, 'approve')).status).toBe('expired');
    expect(await records.approvals.expire(say('expired'))).toMatchObject([{ id: asked.id, state: 'expired' }]);
    expect(await records.approvals.expire(say('expired'))).toEqual([]);
    expect((await answer(asked, 'approve')).status).toBe('expired');
    expect(await records.approvals.list({ waiting: true })).toEqual([]);
    // It is a no to the next one who asks; after that the question can be put again.
    expect(await records.approvals.use(asked.id, 'pdr_2', say('used'))).toBe(true);
    expect(await records.approvals.use(asked.id, 'pdr_3', say('used'))).toBe(false);
    expect((await ask()).id).not.toBe(asked.id);
  });

  it('is found by the beginning of its id', async () => {
    const { id } = await ask();
    expect(await records.approvals.resolve(id.slice(0, -2))).toBe(id);
    await ask('fetch');
    await expect(records.approvals.resolve('apr_')).rejects.toMatchObject({ code: 'AMBIGUOUS_ID' });
    await expect(records.approvals.resolve('')).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
    await expect(records.approvals.resolve('apr%')).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
    await expect(records.approvals.get('apr_x')).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
  });

  it('may be for somebody by name, and for somebody else than the author', () => {
    const about = (approvers: string[]) => ({ id: 'apr_1', approvers, authors: ['user:ana', 'ai:codex'] });
    expect(refusedAnswerer(about([]), 'user:ana')).toBeNull();
    expect(refusedAnswerer(about(['user']), 'user:ana')).toBeNull();
    expect(refusedAnswerer(about(['user:bo']), 'user:ana')).toContain('for user:bo');
    expect(refusedAnswerer(about(['user:bo']), 'user:bo')).toBeNull();
    // Each must hold, so a layer below cannot add somebody.
    expect(refusedAnswerer(about(['user:bo', 'user:ana']), 'user:ana')).toContain('no one person');
    expect(refusedAnswerer(about(['user:bo', 'user:ana']), 'user:bo')).toContain('no one person');
    expect(refusedAnswerer(about(['not-author']), 'user:ana')).toContain('somebody else');
    expect(refusedAnswerer(about(['not-author', 'user']), 'user:bo')).toBeNull();
  });

  it('is not there if its record cannot be written', async () => {
    const broken = openSqlitePolicyRecords(db, {
      clock,
      ids: createIds(clock),
      journal: {
        append: () => {
          throw new Error('full');
        },
      },
    });
    await expect(broken.approvals.request(draft('push'), say('asked'))).rejects.toThrow('full');
    expect(await records.approvals.list()).toEqual([]);
  });
});

describe('an override', () => {
  const add = (fields: { expiresAt?: string | null } = {}) =>
    records.overrides.add(
      {
        ...{ rule: 'project/ask', effect: 'allow', ai: null, task: null, label: null },
        ...{ reason: 'mirror', by: 'user:ana', expiresAt: null },
        ...fields,
      },
      say('added'),
    );

  it('counts until it is revoked or has expired', async () => {
    const kept = await add();
    const short = await add({ expiresAt: new Date(clock.now() + HOUR).toISOString() });
    expect(records.overrides.active().map(({ id }) => id)).toEqual([kept.id, short.id]);
    clock.advance(HOUR);
    expect((await records.overrides.list()).map(({ id }) => id)).toEqual([kept.id]);
    const revoked = await records.overrides.revoke(kept.id, 'user:bo', say('revoked'));
    expect(revoked.revoked).toMatchObject({ by: 'user:bo' });
    expect(await records.overrides.revoke(kept.id, 'user:ana', say('revoked'))).toEqual(revoked);
    expect(journal).toEqual(['added', 'added', 'revoked']);
    expect(records.overrides.active()).toEqual([]);
    expect((await records.overrides.list({ all: true })).length).toBe(2);
  });

  it('is found by the beginning of its id', async () => {
    const { id } = await add();
    expect(await records.overrides.resolve(id.slice(0, 8))).toBe(id);
    await expect(records.overrides.resolve('ovr_0000')).rejects.toMatchObject({ code: 'OVERRIDE_NOT_FOUND' });
    await expect(records.overrides.revoke('ovr_x', 'user:ana', say('x'))).rejects.toMatchObject({
      code: 'OVERRIDE_NOT_FOUND',
    });
  });
});
