import { messageOf } from '@signalbox/kernel';

/** The first thing that is wrong. */
export interface ReceiptFault {
  /** `envelope`, `receipt`, `checkpoint`, `entry <seq>`, `evidence <id>`, `decision <id>`, `verdict`. */
  where: string;
  /** One sentence. */
  reason: string;
}

export interface ReceiptReport {
  /** Nothing in the file is wrong. What it does not prove, it still does not prove. */
  ok: boolean;
  /** Id of the task, once the signature is known to be good. */
  task?: string;
  /** `<name>+<keyhash>` of the key that signed. */
  signer?: string;
  /** Sentences: what this file shows to whoever trusts the key. With a fault: what held before it. */
  proved: string[];
  /** Sentences: what it cannot show. */
  notProved: string[];
  firstBad?: ReceiptFault;
}

/** Ends the check with what is wrong. */
export class Fault extends Error {
  constructor(
    readonly where: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** Turns what a step throws into a fault at `where`. */
export function attempt<T>(where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw error instanceof Fault ? error : new Fault(where, messageOf(error));
  }
}

/** `1 entry`, `2 entries`. */
export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
