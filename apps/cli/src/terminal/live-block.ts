/** Some lines at the bottom of a terminal that are drawn anew in place, with everything else scrolling above them. */
export interface LiveBlock {
  /** Draws these lines instead of the last. Each must fit into one line of the terminal. */
  draw(lines: readonly string[]): void;
  /** Takes the block away, lets `write` put something there for good, and draws the block below it. */
  above(write: () => void): void;
  /** Takes it away. */
  end(): void;
}

/** Control sequences of ECMA-48: up by so many lines, and erase from there on. */
const erase = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A\u001b[J`);

export function createLiveBlock(out: { write(text: string): unknown }): LiveBlock {
  let shown: readonly string[] = [];
  const show = (lines: readonly string[]): void => {
    const text = `${erase(shown.length)}${lines.map((line) => `${line}\n`).join('')}`;
    if (text !== '') out.write(text);
    shown = lines;
  };
  return {
    draw: show,
    above(write) {
      const lines = shown;
      show([]);
      write();
      show(lines);
    },
    end: () => show([]),
  };
}
