import type { Digest, JsonObject } from '@signalbox/kernel';

/**
 * `waiting`: nobody has answered. `expired`: nobody did in time, which counts as a no, once. `used`: an answer for once that has
 * been given to whoever asked.
 */
export type ApprovalState = 'waiting' | 'approved' | 'rejected' | 'expired' | 'used';

/**
 * What an answer is good for: the next time this very action is asked about, or each time within the same task. `always` holds
 * like `task`; beyond it only a rule of the policy does, and one is suggested.
 */
export type ApprovalScope = 'once' | 'task' | 'always';

export interface ApprovalAnswer {
  effect: 'approve' | 'reject';
  scope: ApprovalScope;
  /** `user:<login>`. */
  by: string;
  /** ISO 8601. */
  at: string;
  /** What the answerer said about it. */
  reason: string | null;
}

/** A question that policy wants a person to answer, and the answer. JSON throughout. */
export interface Approval {
  /** `apr_…` */
  id: string;
  state: ApprovalState;
  /** Of what exactly is asked: subject, action, resource and task. The same question has the same digest. */
  digest: Digest;
  /** The decision that asked first. */
  decision: string;
  /** `ai:codex`, `user:ana`. */
  requester: string;
  task: string | null;
  /** For a person: "run `git push`". */
  what: string;
  /** As it was judged. */
  request: JsonObject;
  /** What is asked about beyond what policy judges: the text of a task, the arguments of a tool, a URL. */
  exactly: JsonObject | null;
  /** Full ids of the rules that ask. */
  rules: string[];
  /** Who may answer, all of which must hold: `user` (anybody), `user:<login>`, `not-author`. Empty for anybody. */
  approvers: string[];
  /** Who wrote, or works on, what is asked about. */
  authors: string[];
  /** ISO 8601. */
  requestedAt: string;
  /** ISO 8601: until when it can be answered, or, once answered with yes, until when that holds. */
  expiresAt: string;
  answer: ApprovalAnswer | null;
  /** The decision that an answer for once was used for. */
  usedFor: string | null;
}

export type ApprovalDraft = Omit<Approval, 'id' | 'state' | 'requestedAt' | 'answer' | 'usedFor'>;

/** What is known of a question when it is asked again. */
export type KnownAnswer =
  | { status: 'approved'; approval: Approval }
  | { status: 'rejected'; approval: Approval }
  | { status: 'waiting'; approval: Approval }
  | { status: 'unasked' };

/** What the newest approval of a question says at `now` (milliseconds since the epoch). */
export function answerOf(approval: Approval | null, now: number): KnownAnswer {
  if (!approval || approval.state === 'used') return { status: 'unasked' };
  const isOver = now >= Date.parse(approval.expiresAt);
  switch (approval.state) {
    case 'approved':
      return isOver ? { status: 'unasked' } : { status: 'approved', approval };
    case 'waiting':
      return { status: isOver ? 'rejected' : 'waiting', approval };
    default:
      return { status: 'rejected', approval };
  }
}

/** Why a person may not answer, in one sentence; null if that person may. `by` is written `user:<login>`. */
export function refusedAnswerer(approval: Pick<Approval, 'id' | 'approvers' | 'authors'>, by: string): string | null {
  const named = approval.approvers.filter((each) => each.startsWith('user:'));
  if (named.some((each) => each !== by)) {
    const both = named.length > 1 ? ', which no one person is' : '';
    return `${approval.id} is for ${named.join(' and ')} to answer${both}.`;
  }
  if (approval.approvers.includes('not-author') && approval.authors.includes(by)) {
    return `${approval.id} is for somebody else to answer than ${by}, whose work it is about.`;
  }
  return null;
}
