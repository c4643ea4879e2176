/** The parts of git's index that are read here: gitformat-index(5). */
const HEADER_BYTES = 12;
/** What git notes of a file's state, before the id of its object. */
const STAT_BYTES = 40;
const FLAG_BYTES = 2;
/** Bits of an entry's flags: to be taken for unchanged; more flags follow, of which one says that the file is not to be looked at. */
const ASSUME_VALID = 0x8000;
const EXTENDED = 0x4000;
const SKIP_WORKTREE = 0x4000;
const SIGNATURE_BYTES = 8;

/** As an index has it of each entry, in all versions of the format. */
const GITLINK_MODE = Buffer.from([0, 0, 0xe0, 0]);
/** Extensions with which an index does not name all of its entries: split, sparse. */
const NOT_ALL_HERE = ['link', 'sdir'];

/** Whether there is surely no link to another repository in an index: bytes that occur nowhere stand for nothing. */
export function isWithoutGitlinks(index: Buffer): boolean {
  return !index.includes(GITLINK_MODE) && !NOT_ALL_HERE.some((signature) => index.includes(signature));
}

/**
 * Whether git would not look at some files by this index, whatever is in them (`update-index --assume-unchanged`, `--skip-worktree`).
 * True as well for an index that is not read here.
 */
export function hidesFiles(index: Buffer, idBytes: number): boolean {
  if (NOT_ALL_HERE.some((signature) => index.includes(signature))) return true;
  try {
    let hides = false;
    const found = afterEntries(index, idBytes, (flags, more) => {
      if ((flags & ASSUME_VALID) !== 0 || (more & SKIP_WORKTREE) !== 0) hides = true;
    });
    return found === null || hides;
  } catch {
    return true; // it ends in the middle of something
  }
}

/**
 * The tree that an index stands for, where git has noted it there (the extension `TREE`): what `git write-tree` would say, which
 * goes by that note as well. Null where it is not noted, or the index is of a kind that is not read here. `idBytes`: of an object id.
 */
export function notedTree(index: Buffer, idBytes: number): string | null {
  try {
    return readNotedTree(index, idBytes);
  } catch {
    return null; // it ends in the middle of something
  }
}

function readNotedTree(index: Buffer, idBytes: number): string | null {
  let at = afterEntries(index, idBytes);
  // A digest of the whole comes last.
  while (at !== null && at + SIGNATURE_BYTES <= index.length - idBytes) {
    const size = index.readUInt32BE(at + 4);
    const signature = index.toString('latin1', at, at + 4);
    at += SIGNATURE_BYTES;
    if (NOT_ALL_HERE.includes(signature)) return null;
    if (signature === 'TREE') return rootOf(index.subarray(at, at + size), idBytes);
    at += size;
  }
  return null;
}

/** Where the entries end; null for an index of a version that is not read here. `look` is shown the flags of each. */
function afterEntries(
  index: Buffer,
  idBytes: number,
  look: (flags: number, more: number) => void = () => {},
): number | null {
  const version = index.readUInt32BE(4);
  if (index.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) return null;
  let at = HEADER_BYTES;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const place = at + STAT_BYTES + idBytes;
    const flags = index.readUInt16BE(place);
    const hasMore = (flags & EXTENDED) !== 0;
    look(flags, hasMore ? index.readUInt16BE(place + FLAG_BYTES) : 0);
    at = afterName(index, { start: at, name: place + FLAG_BYTES + (hasMore ? FLAG_BYTES : 0), version });
  }
  return at;
}

/** To version 3 entries are filled up with zeros, at least one, to a multiple of eight bytes; from 4 on there is just the one. */
function afterName(index: Buffer, { start, name, version }: { start: number; name: number; version: number }): number {
  let from = name;
  // How much of the name before is the same comes first, as a number of any length, whose bytes may be zero.
  if (version === 4) while ((index.readUInt8(from++) & 0x80) !== 0);
  const end = index.indexOf(0, from);
  if (end < 0) throw new RangeError('no end of a name');
  return version === 4 ? end + 1 : start + Math.ceil((end + 1 - start) / 8) * 8;
}

/** Of the root: an empty name, how many entries it covers, how many trees are in it, its id. A negative number: it has changed. */
function rootOf(trees: Buffer, idBytes: number): string | null {
  const end = trees.indexOf('\n');
  if (end < 0 || !/^\0\d+ \d+$/.test(trees.toString('latin1', 0, end))) return null;
  const id = trees.subarray(end + 1, end + 1 + idBytes);
  return id.length === idBytes ? id.toString('hex') : null;
}
