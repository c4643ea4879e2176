import { sha256 } from '@signalbox/kernel';

/** The version of what lies inside a line. What lies around it, and `format`, are the same in every version. */
export const FORMAT = 1;

/** A row under its key as canonical JSON, or null where it is gone; by the kind of row. */
export type RowTexts = Map<string, Map<string, string | null>>;

/** One line of a journal. A snapshot is what was there when the file was begun: it can take several lines. */
export interface JournalLine {
  kind: 'commit' | 'snapshot';
  body: {
    format: number;
    /** Counts the lines of the file, from 1. */
    number: number;
    changes: Record<string, unknown[]>;
    gone: Record<string, string[]>;
    entries: unknown[];
    /** Of a snapshot: whether it ends here. */
    last?: boolean;
  };
}

/** Writes a line as canonical JSON: the body with the digest of its text beside it. */
export function writeLine(
  kind: JournalLine['kind'],
  number: number,
  rows: RowTexts,
  { entries = [], last }: { entries?: readonly string[]; last?: boolean } = {},
): string {
  const changes: string[] = [];
  const gone: string[] = [];
  for (const name of [...rows.keys()].sort()) {
    const texts = [...(rows.get(name) as Map<string, string | null>)];
    const there = texts.flatMap(([, text]) => (text === null ? [] : [text]));
    const removed = texts.flatMap(([key, text]) => (text === null ? [JSON.stringify(key)] : []));
    if (there.length > 0) changes.push(`"${name}":[${there.join(',')}]`);
    if (removed.length > 0) gone.push(`"${name}":[${removed.join(',')}]`);
  }
  const ending = last === undefined ? '' : `"last":${last},`;
  const body =
    `{"changes":{${changes.join(',')}},"entries":[${entries.join(',')}],"format":${FORMAT},` +
    `"gone":{${gone.join(',')}},${ending}"number":${number}}`;
  return `{"${kind}":${body},"sum":"${sumOf(kind, body)}"}\n`;
}

const LINE = /^\{"(commit|snapshot)":(\{.*\}),"sum":"([0-9a-f]{64})"\}$/s;

/** Reads a line without its line break; null if it is not what was written. */
export function readLine(text: string): JournalLine | null {
  const [, kind, body, sum] = LINE.exec(text) ?? [];
  if (kind === undefined || body === undefined || sum !== sumOf(kind, body)) return null;
  return { kind: kind as JournalLine['kind'], body: JSON.parse(body) as JournalLine['body'] };
}

const sumOf = (kind: string, body: string): string => sha256(`${kind}${body}`).slice('sha256:'.length);
