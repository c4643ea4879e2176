import { type Clock, isoTime, type JournalEntry, type JsonObject } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import {
  type Approval,
  type ApprovalStore,
  answerOf,
  type KnownAnswer,
  refusedAnswerer,
} from '@signalbox/policy/records';
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
  /** A keyed digest of the whole, where a part of it is withheld as a secret. */
  hidden: string | null;
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

/** How a question stands, once it has been put. */
export type Inquiry = Exclude<KnownAnswer, { status: 'unasked' }>;

/** Brings what policy asks to a person, and brings back the answer. */
export interface ApprovalDesk {
  /** The answer if there is one, which is not taken; else the question is put, once. */
  inquire(question: Question): Promise<Inquiry>;
  /** As `inquire`, and takes the answer. */
  consult(question: Question): Promise<PersonsWord>;
}

export function createApprovalDesk(env: { clock: Clock; approvals: ApprovalStore }): ApprovalDesk {
  const { clock, approvals } = env;

  const inquire: ApprovalDesk['inquire'] = async (question) => {
    const digest = questionDigest(question.decision, question.exactly, question.hidden);
    const known = answerOf(await approvals.newest(digest), clock.now());
    const isOutgrown = known.status === 'approved' && !stillFits(known.approval, question);
    if (known.status !== 'unasked' && !isOutgrown) return known;
    const { approval } = await approvals.request(draftOf(question, digest, clock.now()), (asked) => [
      approvalEntry('approval.requested', question.requester, asked, question.subject),
    ]);
    return { status: 'waiting', approval };
  };

  return {
    inquire,
    async consult(question) {
      const { decision, subject } = question;
      for (;;) {
        const known = await inquire(question);
        const { approval } = known;
        if (known.status === 'waiting') return known;
        const note = (kind: string) => (each: Approval) => [approvalEntry(kind, 'system', each, subject)];
        // An answer for once is taken here; one of two who ask at the same moment asks again.
        if (!(await approvals.use(approval.id, decision.id, note('approval.used')))) continue;
        const outcome = outcomeEntry(subject, decision, approval);
        if (known.status === 'rejected') return { status: 'rejected', approval, outcome };
        const giveBack = () => approvals.giveBack(approval.id, decision.id, note('approval.given_back'));
        return { status: 'approved', approval, outcome, giveBack };
      }
    },
  };
}

/** Who has to answer, by the rules as they are now. */
function demandsOf({ decision, requester, authors }: Question): Pick<Approval, 'approvers' | 'authors'> {
  const wanted = decision.obligations.filter(({ kind }) => kind === 'approval' || kind === 'reviewer');
  return {
    approvers: [...new Set(wanted.map(({ want }) => want))],
    authors: [...new Set([requester, ...authors])],
  };
}

/** Whether a yes was given by somebody who may give it by the rules as they are now. */
export function stillFits({ id, answer }: Approval, question: Question): boolean {
  return answer !== null && refusedAnswerer({ id, ...demandsOf(question) }, answer.by) === null;
}

function draftOf(question: Question, digest: Approval['digest'], now: number) {
  const { decision, requester, exactly, hidden } = question;
  const { request, determining } = decision;
  const task = ((request['context'] as JsonObject | undefined)?.['task'] as JsonObject | undefined)?.['id'];
  return {
    digest,
    decision: decision.id,
    requester,
    task: typeof task === 'string' ? task : null,
    what: `${describeQuestion(request, exactly)}${hidden === null ? '' : ' (a part is withheld as a secret)'}`,
    request,
    exactly,
    rules: determining,
    ...demandsOf(question),
    expiresAt: isoTime(now + question.openMs),
  };
}
