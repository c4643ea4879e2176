import type { Clock, JournalEntry, JsonObject } from '@signalbox/kernel';
import { isoTime } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import { type Approval, type ApprovalStore, answerOf } from '@signalbox/policy/records';
import { approvalEntry, outcomeEntry } from './entries.js';
import { describeQuestion, questionDigest } from './question.js';

/** Where a decision that asks is taken. */
export interface Question {
  decision: PolicyDecisionRecord;
  /** `user:ana`, `ai:codex`. */
  requester: string;
  /** What it is filed under in the log. */
  subject: string;
  /** See {@link questionDigest}. */
  exactly: JsonObject | null;
  /** Who wrote, or works on, what is asked about, beside the requester. */
  authors: readonly string[];
  /** Milliseconds: how long it can be answered. */
  openMs: number;
}

/**
 * What a person has said. `approved`: taken for this decision, with the entry that says so, which belongs in front of the
 * effect's; `giveBack` where nothing came of it.
 */
export type PersonsWord =
  | { status: 'approved'; approval: Approval; outcome: JournalEntry; giveBack(): Promise<void> }
  | { status: 'rejected'; approval: Approval; outcome: JournalEntry }
  | { status: 'waiting'; approval: Approval };

/** Brings what policy asks to a person, and brings back the answer. */
export interface ApprovalDesk {
  /** The answer if there is one; else the question is put, once. */
  consult(question: Question): Promise<PersonsWord>;
}

export function createApprovalDesk(env: { clock: Clock; approvals: ApprovalStore }): ApprovalDesk {
  const { clock, approvals } = env;
  return {
    async consult(question) {
      const { decision } = question;
      const digest = questionDigest(decision, question.exactly);
      for (;;) {
        const known = answerOf(await approvals.newest(digest), clock.now());
        if (known.status === 'waiting') return known;
        if (known.status === 'unasked') {
          const { approval } = await approvals.request(draftOf(question, digest, clock.now()), (asked) => [
            approvalEntry('approval.requested', question.requester, asked, question.subject),
          ]);
          return { status: 'waiting', approval };
        }
        const { approval } = known;
        // An answer for once is taken here; one of two who ask at the same moment asks again.
        if (!(await approvals.use(approval.id, decision.id, () => []))) continue;
        const outcome = outcomeEntry(question.subject, decision.id, approval);
        if (known.status === 'rejected') return { status: 'rejected', approval, outcome };
        const giveBack = () => approvals.giveBack(approval.id, decision.id);
        return { status: 'approved', approval, outcome, giveBack };
      }
    },
  };
}

function draftOf(question: Question, digest: Approval['digest'], now: number) {
  const { decision, requester } = question;
  const { request, determining, obligations } = decision;
  const task = ((request['context'] as JsonObject | undefined)?.['task'] as JsonObject | undefined)?.['id'];
  const wanted = obligations.filter(({ kind }) => kind === 'approval' || kind === 'reviewer').map(({ want }) => want);
  return {
    digest,
    decision: decision.id,
    requester,
    task: typeof task === 'string' ? task : null,
    what: describeQuestion(request),
    request,
    rules: determining,
    approvers: [...new Set(wanted)],
    authors: [...new Set([requester, ...question.authors])],
    expiresAt: isoTime(now + question.openMs),
  };
}
