/** The parts of git's index that are read here: gitformat-index(5). */
const HEADER_BYTES = 12;
/** What git notes of a file's state, before the id of its object. */
const STAT_BYTES = 40;
const FLAG_BYTES = 2;
const EXTENDED = 0x4000;
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
  const version = index.readUInt32BE(4);
  if (index.toString('latin1', 0, 4) !== 'DIRC' || (version !== 2 && version !== 3)) return null;
  let at = HEADER_BYTES;
  for (let left = index.readUInt32BE(8); left > 0; left--) at = afterEntry(index, at, idBytes);
  // A digest of the whole comes last.
  while (at + SIGNATURE_BYTES <= index.length - idBytes) {
    const size = index.readUInt32BE(at + 4);
    const signature = index.toString('latin1', at, at + 4);
    at += SIGNATURE_BYTES;
    if (NOT_ALL_HERE.includes(signature)) return null;
    if (signature === 'TREE') return rootOf(index.subarray(at, at + size), idBytes);
    at += size;
  }
  return null;
}

/** Entries are filled up with zeros, at least one, to a multiple of eight bytes. */
function afterEntry(index: Buffer, start: number, idBytes: number): number {
  const flags = start + STAT_BYTES + idBytes;
  const name = flags + FLAG_BYTES + (index.readUInt16BE(flags) & EXTENDED ? FLAG_BYTES : 0);
  const end = index.indexOf(0, name);
  if (end < 0) throw new RangeError('no end of a name');
  return start + Math.ceil((end + 1 - start) / 8) * 8;
}

/** Of the root: an empty name, how many entries it covers, how many trees are in it, its id. A negative number: it has changed. */
function rootOf(trees: Buffer, idBytes: number): string | null {
  const end = trees.indexOf('\n');
  if (end < 0 || !/^\0\d+ \d+$/.test(trees.toString('latin1', 0, end))) return null;
  const id = trees.subarray(end + 1, end + 1 + idBytes);
  return id.length === idBytes ? id.toString('hex') : null;
}
