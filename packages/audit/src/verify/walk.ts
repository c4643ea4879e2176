import { originOf } from '../checkpoint/checkpoint.js';
import { formatLeaf, NO_LEAF } from '../ledger/entry.js';
import { Frontier } from '../merkle/frontier.js';
import { type PackedHash, packedLeafAt, packHash, unpackHash } from '../merkle/leaf.js';
import { type Doubt, doubtBreak, doubtGap, doubtRoot } from './doubt.js';
import { type LineToVerify, type Link, readLink } from './link.js';
import type { Finding } from './report.js';
import { createScan, type ScannedEntry, sameBytes, scanEntry } from './scan-entry.js';
import type { TrustedRoot } from './trust.js';

const NOTHING_BEFORE = packHash(NO_LEAF);
const NEWLINE = 0x0a;
const NO_TASK = 0x0b;
const ROTATED = Buffer.from('key.rotated');

/** How far a walk has come while all was well: enough to go on from there another time. */
export interface WalkState {
  /** The log's origin, as checkpoints name it. */
  origin: string;
  /** The tree without the last line. */
  before: Frontier;
  /** Leaf hash of the last line. */
  lastLeaf: PackedHash;
}

/**
 * Walks the lines of a log once, in constant memory.
 *
 * `pass` takes a line at a third of the cost of `step`, and only one with which all is well; every other line is left to
 * `step`, which finds out what is wrong. Both hash the same bytes and check the same things.
 *
 * As long as all is well, line n must be numbered n, quote the hash of line n-1, and complete every root recorded for n
 * entries. What breaks first decides: either it is plain at once (a finding), or the later lines must tell (a doubt).
 */
export class Walk {
  #entries = 0;
  /** The tree without the last line, which a doubt may have to replace. */
  #before = new Frontier();
  #lastLeaf: PackedHash = NOTHING_BEFORE;
  #confirmed = 0;
  #vouched: WalkState | undefined;
  #rotations: string[] = [];
  #scan = createScan();
  #anchored = false;
  #finding: Finding | undefined;
  #doubt: Doubt | undefined;
  #foreign: TrustedRoot[] = [];
  #origin: string | undefined;
  #roots: readonly TrustedRoot[];
  #due = new Map<number, TrustedRoot[]>();

  /** `resume`: the state of an earlier walk, which the caller has held against a signed root. */
  constructor(roots: readonly TrustedRoot[], resume?: WalkState) {
    this.#roots = roots;
    for (const root of roots) this.#due.set(root.size, [...(this.#due.get(root.size) ?? []), root]);
    if (!resume) return;
    this.#before = resume.before.clone();
    this.#lastLeaf = resume.lastLeaf;
    this.#entries = resume.before.size + 1;
    this.#setForeignAside(resume.origin);
    this.#compareRoots();
    this.#confirmed = this.#entries;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Up to which entry a recorded root was found to fit. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** True once the root of an anchor has been found to fit. */
  get anchored(): boolean {
    return this.#anchored;
  }

  /** Which log the first line names, as checkpoints name it. */
  get origin(): string | undefined {
    return this.#origin;
  }

  /** Anchors and checkpoints that speak of another log. */
  get foreign(): readonly TrustedRoot[] {
    return this.#foreign;
  }

  /** `head` itself if it states another log than the first line does. */
  strangeHead(head: TrustedRoot | undefined): TrustedRoot | undefined {
    return head?.origin !== undefined && head.origin !== this.#origin ? head : undefined;
  }

  /** Where the parts of the last line lie that {@link pass} took. */
  get scanned(): Readonly<ScannedEntry> {
    return this.#scan;
  }

  /** The newest state that a checkpoint (not only an anchor or the head) vouches for. */
  get vouched(): WalkState | undefined {
    return this.#vouched;
  }

  /** Every line so far that says that a key was replaced. */
  get rotations(): readonly string[] {
    return this.#rotations;
  }

  /** Where the walk stands; `undefined` before the first line and once something is wrong. */
  get state(): WalkState | undefined {
    if (!this.isWell || this.#origin === undefined) return undefined;
    return { origin: this.#origin, before: this.#before.clone(), lastLeaf: this.#lastLeaf };
  }

  /** True as long as nothing is wrong. */
  get isWell(): boolean {
    return this.#finding === undefined && this.#doubt === undefined;
  }

  /**
   * Takes the line that starts at `start` if all is well with it and returns where it ends, else returns -1 and has changed
   * nothing. The byte before the line is overwritten. `isFiled`: the line is followed by a newline, the kind, a newline, the
   * subject, a newline and the task (or a vertical tab for none) as they are stored beside it, and the end of those is returned.
   */
  pass(bytes: Buffer, start: number, isFiled: boolean): number {
    const scan = this.#scan;
    const seq = this.#entries + 1;
    // The first line names the log, which the full parser reads.
    if (seq === 1 || !this.isWell || !scanEntry(bytes, start, seq, this.#lastLeaf, scan)) return -1;
    const end = isFiled ? this.#endOfColumns(bytes) : scan.end;
    if (end < 0 || (end < bytes.length && bytes[end] !== NEWLINE)) return -1;
    this.#entries = seq;
    if (scan.kindEnd - scan.kindStart === ROTATED.length && bytes.indexOf(ROTATED, scan.kindStart) === scan.kindStart)
      this.#rotations.push(bytes.toString('utf8', start, scan.end));
    this.#grow(packedLeafAt(bytes, start, scan.end));
    return end;
  }

  /** Where the columns after a line end, or -1 if they are not what the line says. */
  #endOfColumns(bytes: Buffer): number {
    const { end, kindStart, kindEnd, subjectStart, subjectEnd, taskStart, taskEnd } = this.#scan;
    const kind = end + 1;
    const subject = kind + (kindEnd - kindStart) + 1;
    const task = subject + (subjectEnd - subjectStart) + 1;
    const last = task + (taskEnd > 0 ? taskEnd - taskStart : 1);
    const agree =
      sameBytes(bytes, kindStart, kindEnd, kind, subject - 1) &&
      sameBytes(bytes, subjectStart, subjectEnd, subject, task - 1) &&
      (taskEnd > 0 ? sameBytes(bytes, taskStart, taskEnd, task, last) : bytes[task] === NO_TASK);
    const parted = bytes[end] === NEWLINE && bytes[subject - 1] === NEWLINE && bytes[task - 1] === NEWLINE;
    return agree && parted && last <= bytes.length ? last : -1;
  }

  step(item: LineToVerify): void {
    this.#entries += 1;
    if (this.#finding) return;
    const link = readLink(item);
    if (this.#doubt) this.#doubt.see(link);
    else this.#take(link, item.line);
  }

  /** Ends the walk with `finding`, unless something was wrong before. */
  stop(finding: Finding): void {
    if (this.isWell) this.#finding = finding;
  }

  /** What was wrong first, if anything. `head` states the root of all lines. */
  finish(head: TrustedRoot | undefined): Finding | undefined {
    if (this.#finding) return this.#finding;
    if (this.#doubt) return this.#doubt.settle(head?.size === this.#entries ? head.root : undefined);
    if (this.#entries === 0) return { kind: 'truncated', firstBad: 1, reason: 'There is not a single entry.' };
    return (head && this.#checkHead(head)) ?? this.#checkBeyond();
  }

  #take(link: Link, line: string): void {
    const at = this.#entries;
    const { prevhash, sequence } = link;
    if (sequence === undefined || prevhash === undefined) {
      this.#finding = edited(at, `Line ${at} is not a ledger entry`);
      return;
    }
    const chained = prevhash === formatLeaf(unpackHash(this.#lastLeaf));
    if (chained && sequence === at) this.#accept(link, line);
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

  #accept(link: Link, line: string): void {
    const at = this.#entries;
    if (link.misfiled) {
      this.#finding = edited(at, `Entry ${at} is filed under columns that say something else`);
      return;
    }
    if (!link.canonical) {
      this.#finding = edited(at, `Entry ${at} is not written as the ledger writes an entry`);
      return;
    }
    if (at === 1) this.#setForeignAside(originOf(link.logId ?? ''));
    if (link.kind === 'key.rotated') this.#rotations.push(line);
    this.#grow(packHash(link.leaf));
  }

  /** Adds the leaf of line number `#entries` and compares what is due there. */
  #grow(leaf: PackedHash): void {
    if (this.#entries > 1) this.#before.append(this.#lastLeaf);
    this.#lastLeaf = leaf;
    this.#compareRoots();
  }

  #compareRoots(): void {
    const at = this.#entries;
    const due = this.#due.get(at);
    if (!due) return;
    const root = this.#root();
    const wrong = due.find((each) => each.root !== root);
    if (wrong) this.#doubt = doubtRoot(at, this.#confirmed, formatLeaf(unpackHash(this.#lastLeaf)), wrong.source);
    else this.#confirmed = at;
    this.#anchored ||= due.some((each) => each.source === 'anchor' && each.root === root);
    if (!wrong && due.some((each) => each.source === 'checkpoint')) this.#vouched = this.state;
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
    if (this.#root() === head.root) return undefined;
    const last = formatLeaf(unpackHash(this.#lastLeaf));
    return doubtRoot(entries, this.#confirmed, last, head.source).settle(undefined);
  }

  #checkBeyond(): Finding | undefined {
    const beyond = this.#roots.find((root) => root.source !== 'anchor' && root.size > this.#entries);
    if (!beyond || this.#foreign.includes(beyond)) return undefined;
    return cut(this.#entries, `A checkpoint covers ${beyond.size} entries, and ${this.#entries} are left`);
  }

  #setForeignAside(origin: string): void {
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
    tree.append(this.#lastLeaf);
    return tree.root().toString('base64');
  }
}

function edited(firstBad: number, what: string): Finding {
  return { kind: 'edited', firstBad, reason: `${what}.` };
}

function cut(entries: number, what: string): Finding {
  return { kind: 'truncated', firstBad: entries + 1, reason: `${what}.` };
}
