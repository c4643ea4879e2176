const HEADER = /^TAP version 1[34]\r?$/gm;

/**
 * The TAP streams in what a command printed: each from its version line to the next, or to the end. One command may run
 * several programs that write TAP.
 */
export function splitTap(output: Buffer): Buffer[] {
  if (!output.includes('TAP version 1')) return [];
  // One character a byte, so that places in the text are places in the bytes.
  const text = output.toString('latin1');
  const starts = [...text.matchAll(HEADER)].map(({ index }) => index);
  return starts.map((start, i) => output.subarray(start, starts[i + 1] ?? output.length));
}
