/** Values kept in the order of `compare`, of which no two may compare as equal. */
export interface SortedSet<T> {
  readonly size: number;
  add(value: T): void;
  /** Removes the value that compares as equal to this one, if it is there. */
  remove(value: T): void;
  first(): T | undefined;
  /** The values in order, from the first for which `isBefore` is false. It must be true for a beginning of the order only. */
  from(isBefore?: (value: T) => boolean): Iterable<T>;
}

/** Moving this many places costs less than one level of a tree does. */
const MAX_BLOCK = 512;

/**
 * A list of sorted blocks: finding a place is a binary search (log n), a change moves at most {@link MAX_BLOCK} neighbours.
 * Unlike a heap it forgets a value at once, so a rollback needs no more than the opposite call.
 */
export function createSortedSet<T>(compare: (a: T, b: T) => number): SortedSet<T> {
  let blocks: T[][] = [];
  let size = 0;

  /** Where the first value that is not before lies, as block and index. */
  const seek = (isBefore: (value: T) => boolean): [number, number] => {
    const block = lowerBound(blocks, (values) => isBefore(values.at(-1) as T));
    return [block, lowerBound(blocks[block] ?? [], isBefore)];
  };

  return {
    get size() {
      return size;
    },
    add(value) {
      const [found] = seek((other) => compare(other, value) < 0);
      const block = Math.min(found, Math.max(blocks.length - 1, 0));
      const values = blocks[block] ?? [];
      if (blocks.length === 0) blocks.push(values);
      values.splice(
        lowerBound(values, (other) => compare(other, value) < 0),
        0,
        value,
      );
      if (values.length > MAX_BLOCK) blocks.splice(block + 1, 0, values.splice(MAX_BLOCK / 2));
      size += 1;
    },
    remove(value) {
      const [block, index] = seek((other) => compare(other, value) < 0);
      const values = blocks[block];
      const found = values?.[index];
      if (!values || found === undefined || compare(found, value) !== 0) return;
      values.splice(index, 1);
      if (values.length === 0) blocks = blocks.filter((each) => each !== values);
      size -= 1;
    },
    first: () => blocks[0]?.[0],
    *from(isBefore = () => false) {
      let [block, index] = seek(isBefore);
      for (; block < blocks.length; block++, index = 0) yield* (blocks[block] as T[]).slice(index);
    },
  };
}

/** The index of the first value for which `isBefore` is false. */
function lowerBound<T>(values: readonly T[], isBefore: (value: T) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(values[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
