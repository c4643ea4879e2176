import { originOf } from '../checkpoint/checkpoint.js';
import { formatLeaf, NO_LEAF } from '../ledger/entry.js';
import { Frontier } from '../merkle/frontier.js';
import { type Doubt, doubtBreak, doubtGap, doubtRoot } from './doubt.js';
import { type LineToVerify, type Link, readLink } from './link.js';
import type { Finding } from './report.js';
import type { TrustedRoot } from './trust.js';

/**
 * Walks the lines of a log once, in constant memory.
 *
 * As long as all is well, line n must be numbered n, quote the hash of line n-1, and complete every root recorded for n
 * entries. What breaks first decides: either it is plain at once (a finding), or the later lines must tell (a doubt).
 */
export class Walk {
  #entries = 0;
  /** The tree without the last line, which a doubt may have to replace. */
  #before = new Frontier();
  #last: Pick<Link, 'leaf' | 'hash'> | undefined;
  #confirmed = 0;
  #anchored = false;
  #finding: Finding | undefined;
  #doubt: Doubt | undefined;
  #foreign: TrustedRoot[] = [];
  #origin: string | undefined;
  #roots: readonly TrustedRoot[];
  #due = new Map<number, TrustedRoot[]>();

  constructor(roots: readonly TrustedRoot[]) {
    this.#roots = roots;
    for (const root of roots) this.#due.set(root.size, [...(this.#due.get(root.size) ?? []), root]);
  }

  get entries(): number {
    return this.#entries;
  }

  /** True once the root of an anchor has been found to fit. */
  get anchored(): boolean {
    return this.#anchored;
  }

  /** Anchors and checkpoints that speak of another log. */
  get foreign(): readonly TrustedRoot[] {
    return this.#foreign;
  }

  /** `head` itself if it states another log than the first line does. */
  strangeHead(head: TrustedRoot | undefined): TrustedRoot | undefined {
    return head?.origin !== undefined && head.origin !== this.#origin ? head : undefined;
  }

  step(item: LineToVerify): void {
    this.#entries += 1;
    if (this.#finding) return;
    const link = readLink(item);
    if (this.#doubt) this.#doubt.see(link);
    else this.#take(link);
  }

  /** What was wrong first, if anything. `head` states the root of all lines. */
  finish(head: TrustedRoot | undefined): Finding | undefined {
    if (this.#finding) return this.#finding;
    if (this.#doubt) return this.#doubt.settle(head?.size === this.#entries ? head.root : undefined);
    if (this.#entries === 0) return { kind: 'truncated', firstBad: 1, reason: 'There is not a single entry.' };
    return (head && this.#checkHead(head)) ?? this.#checkBeyond();
  }

  #take(link: Link): void {
    const at = this.#entries;
    const { prevhash, sequence } = link;
    if (sequence === undefined || prevhash === undefined) {
      this.#finding = edited(at, `Line ${at} is not a ledger entry`);
      return;
    }
    const chained = prevhash === (this.#last?.hash ?? formatLeaf(NO_LEAF));
    if (chained && sequence === at) this.#accept(link);
    else if (chained) this.#finding = edited(at, `Entry ${at} is numbered ${sequence}`);
    else if (sequence === at) this.#doubtLink({ ...link, prevhash });
    else if (sequence > at) this.#doubt = doubtGap(at);
    else
      this.#finding = {
        kind: 'duplicated',
        firstBad: sequence,
        reason: `Entry ${sequence} is there again as line ${at}.`,
      };
  }

  #accept(link: Link): void {
    const at = this.#entries;
    if (link.misfiled) {
      this.#finding = edited(at, `Entry ${at} is filed under columns that say something else`);
      return;
    }
    if (at === 1) this.#setForeignAside(link.logId);
    if (this.#last) this.#before.append(this.#last.leaf);
    this.#last = { leaf: link.leaf, hash: link.hash };
    const due = this.#due.get(at);
    if (!due) return;
    const root = this.#root();
    const wrong = due.find((each) => each.root !== root);
    if (wrong) this.#doubt = doubtRoot(at, this.#confirmed, link.hash, wrong.source);
    else this.#confirmed = at;
    this.#anchored ||= due.some((each) => each.source === 'anchor' && each.root === root);
  }

  #doubtLink(link: Link & { prevhash: string }): void {
    const at = this.#entries;
    // With nothing before it, or with a root that vouches for all before it, the quote itself must be wrong.
    if (this.#confirmed >= at - 1) this.#finding = edited(at, `Entry ${at} quotes a wrong hash of the one before`);
    else {
      const rootAt = (size: number): string | undefined => this.#due.get(size)?.[0]?.root;
      this.#doubt = doubtBreak({ at, link, before: this.#before, rootAt });
    }
  }

  #checkHead(head: TrustedRoot): Finding | undefined {
    const entries = this.#entries;
    if (head.size > entries) return cut(entries, `The log had ${head.size} entries, and ${entries} are left`);
    if (head.size < entries) return edited(head.size + 1, `Entry ${head.size + 1} was added behind the log's back`);
    const last = this.#last as Link;
    if (this.#root() === head.root) return undefined;
    return doubtRoot(entries, this.#confirmed, last.hash, head.source).settle(undefined);
  }

  #checkBeyond(): Finding | undefined {
    const beyond = this.#roots.find((root) => root.source !== 'anchor' && root.size > this.#entries);
    if (!beyond || this.#foreign.includes(beyond)) return undefined;
    return cut(this.#entries, `A checkpoint covers ${beyond.size} entries, and ${this.#entries} are left`);
  }

  #setForeignAside(logId: string | undefined): void {
    const origin = originOf(logId ?? '');
    this.#origin = origin;
    this.#foreign = this.#roots.filter((root) => root.origin !== undefined && root.origin !== origin);
    for (const root of this.#foreign) {
      const rest = (this.#due.get(root.size) ?? []).filter((each) => each !== root);
      if (rest.length > 0) this.#due.set(root.size, rest);
      else this.#due.delete(root.size);
    }
  }

  #root(): string {
    const tree = this.#before.clone();
    if (this.#last) tree.append(this.#last.leaf);
    return tree.root().toString('base64');
  }
}

function edited(firstBad: number, what: string): Finding {
  return { kind: 'edited', firstBad, reason: `${what}.` };
}

function cut(entries: number, what: string): Finding {
  return { kind: 'truncated', firstBad: entries + 1, reason: `${what}.` };
}
