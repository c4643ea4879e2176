import { isoTime } from '@signalbox/kernel';
import { type SqlDatabase, type SqlRow, transact } from '@signalbox/kernel/sqlite';
import { type Approval, answerOf } from './approval.js';
import { noApproval } from './errors.js';
import { resolvePrefix } from './resolve-prefix.js';
import type { RecordsEnv } from './sqlite.js';
import type { AnswerOutcome, ApprovalStore } from './store.js';

const MAX_LISTED = 1_000;

export function sqliteApprovals(db: SqlDatabase, { clock, ids, journal }: RecordsEnv): ApprovalStore {
  // Prepared when they are first needed: most commands open the store and never ask.
  const insert = () => db.prepare('INSERT INTO approval (id, digest, task, state, record) VALUES (?, ?, ?, ?, ?)');
  const update = () => db.prepare('UPDATE approval SET state = ?, record = ? WHERE id = ?');
  const byId = () => db.prepare('SELECT record FROM approval WHERE id = ?');
  const byDigest = () => db.prepare('SELECT record FROM approval WHERE digest = ? ORDER BY number DESC LIMIT 1');
  const byTask = () => db.prepare('SELECT record FROM approval WHERE task = ? ORDER BY number DESC LIMIT ?');
  const waiting = () => db.prepare("SELECT record FROM approval WHERE state = 'waiting' ORDER BY number DESC LIMIT ?");
  const all = () => db.prepare('SELECT record FROM approval ORDER BY number DESC LIMIT ?');

  const newest = (digest: string): Approval | null => {
    const row = byDigest().get(digest);
    return row ? toApproval(row) : null;
  };
  const mustFind = (id: string): Approval => {
    const row = byId().get(id);
    if (!row) throw noApproval(id);
    return toApproval(row);
  };
  const put = (approval: Approval): Approval => {
    update().run(approval.state, JSON.stringify(approval), approval.id);
    return approval;
  };

  const overdue = (): Approval[] =>
    waiting()
      .all(MAX_LISTED)
      .map(toApproval)
      .filter((approval) => answerOf(approval, clock.now()).status !== 'waiting');

  return {
    overdue: async () => overdue(),
    request: async (draft, record) =>
      transact(db, () => {
        const known = answerOf(newest(draft.digest), clock.now());
        if (known.status === 'waiting') return { approval: known.approval, created: false };
        const requestedAt = isoTime(clock.now());
        const approval: Approval = {
          id: ids('apr'),
          state: 'waiting',
          ...draft,
          requestedAt,
          answer: null,
          usedFor: null,
        };
        insert().run(approval.id, approval.digest, approval.task, approval.state, JSON.stringify(approval));
        journal.append(record(approval), db);
        return { approval, created: true };
      }),
    get: async (id) => mustFind(id),
    resolve: async (prefix) => resolvePrefix(db, 'approval', prefix, noApproval),
    list: async ({ waiting: onlyWaiting = false, task, limit = MAX_LISTED } = {}) => {
      const rows = task !== undefined ? byTask().all(task, limit) : (onlyWaiting ? waiting() : all()).all(limit);
      const found = rows.map(toApproval);
      if (!onlyWaiting) return found;
      return found.filter((approval) => answerOf(approval, clock.now()).status === 'waiting');
    },
    newest: async (digest) => newest(digest),
    answer: async (id, answer, validUntil, record) =>
      transact(db, (): AnswerOutcome => {
        const approval = mustFind(id);
        if (approval.answer) {
          const { effect, by, scope } = approval.answer;
          const isSame = effect === answer.effect && by === answer.by && scope === answer.scope;
          return { status: isSame ? 'same' : 'answered_before', approval };
        }
        if (answerOf(approval, clock.now()).status !== 'waiting') return { status: 'expired', approval };
        const answered = put({
          ...approval,
          state: answer.effect === 'approve' ? 'approved' : 'rejected',
          answer: { ...answer, at: isoTime(clock.now()) },
          expiresAt: isoTime(validUntil),
        });
        journal.append(record(answered), db);
        return { status: 'answered', approval: answered };
      }),
    use: async (id, decision, record) =>
      transact(db, () => {
        const approval = mustFind(id);
        const known = answerOf(approval, clock.now());
        if (known.status !== 'approved' && known.status !== 'rejected') return false;
        // That nobody answered is a no for once: the question can be put again.
        const isForOnce = approval.answer === null || approval.answer.scope === 'once';
        if (isForOnce) journal.append(record(put({ ...approval, state: 'used', usedFor: decision })), db);
        return true;
      }),
    giveBack: async (id, decision, record) =>
      transact(db, () => {
        const approval = mustFind(id);
        if (approval.state !== 'used' || approval.usedFor !== decision || !approval.answer) return;
        const state = approval.answer.effect === 'approve' ? 'approved' : 'rejected';
        journal.append(record(put({ ...approval, state, usedFor: null })), db);
      }),
    expire: async (record) =>
      transact(db, () => {
        const over = overdue().map((approval) => put({ ...approval, state: 'expired' }));
        for (const approval of over) journal.append(record(approval), db);
        return over;
      }),
  };
}

function toApproval(row: SqlRow): Approval {
  return JSON.parse(String(row['record'])) as Approval;
}
