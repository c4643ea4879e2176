/** The first 12 hex digits of a digest, without the name of its algorithm: enough to tell it by. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12);
}
