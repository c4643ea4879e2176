import { refuse } from './refuse.js';
import type { ReportLimits } from './test-report.js';

/** A report's bytes: whole, or as they come from a file or a child. */
export type ReportSource = string | Uint8Array | AsyncIterable<Uint8Array>;

/** The text in pieces. Throws `REPORT_TOO_LARGE` above the limit and `REPORT_MALFORMED` for what is not UTF-8. */
export async function* textOf(source: ReportSource, limits: ReportLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw refuse('REPORT_MALFORMED', 'The report is not UTF-8 text', error);
    }
  };
  for await (const chunk of piecesOf(source)) {
    bytes += chunk.length;
    if (bytes > limits.bytes) throw refuse('REPORT_TOO_LARGE', `The report has over ${limits.bytes} bytes`);
    yield decode(chunk);
  }
  yield decode();
}

/** The lines without their ends. */
export async function* linesOf(source: ReportSource, limits: ReportLimits): AsyncGenerator<string> {
  let rest = '';
  for await (const text of textOf(source, limits)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}

async function* piecesOf(source: ReportSource): AsyncGenerator<Uint8Array> {
  if (typeof source === 'string') yield Buffer.from(source);
  else if (source instanceof Uint8Array) yield source;
  else yield* source;
}
