export interface Tail {
  push(chunk: Buffer): void;
  /** The last bytes, at most the limit. */
  bytes(): Buffer;
  /** Bytes that came before them and are gone. */
  dropped(): number;
}

/** Keeps the last `limit` bytes of what is pushed. */
export function createTail(limit: number): Tail {
  let parts: Buffer[] = [];
  let size = 0;
  let total = 0;
  const compact = (): Buffer => {
    const all = Buffer.concat(parts);
    const kept = all.subarray(Math.max(0, all.length - limit));
    parts = [kept];
    size = kept.length;
    return kept;
  };
  return {
    push(chunk) {
      parts.push(chunk);
      size += chunk.length;
      total += chunk.length;
      // Twice the limit before a copy: each byte is then copied about once, however small the chunks are.
      if (size > limit * 2) compact();
    },
    bytes: compact,
    dropped: () => Math.max(0, total - limit),
  };
}
