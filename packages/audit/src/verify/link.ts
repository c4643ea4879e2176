import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import { formatLeaf, indexColumns, kindOfType, parseObject } from '../ledger/entry.js';
import { hashLeaf } from '../merkle/leaf.js';

/** A line to verify: its text, and the number it is stored under. */
export interface LineToVerify {
  seq: number;
  line: string;
  /** The columns stored beside the line, if it comes from a database. */
  columns?: { kind: string; subject: string; task: string | null };
}

/** What of a line matters to the chain. */
export interface Link {
  leaf: Buffer;
  /** The leaf as the next line must quote it. */
  hash: string;
  /** Absent if the line does not state it in the right form. */
  sequence?: number;
  prevhash?: string;
  /** The log id that a first line states. */
  logId?: string;
  /** True if the columns beside the line say something else than the line. */
  misfiled: boolean;
  /** False if the line is not written in the one form that canonical JSON allows, which no entry ever was. */
  canonical: boolean;
  /** The kind that the line states. */
  kind?: string;
}

const SEQUENCE = /^\d{20}$/;
const PREVHASH = /^sha256:[0-9a-f]{64}$/;

export function readLink({ seq, line, columns }: LineToVerify): Link {
  const leaf = hashLeaf(line);
  const link: Link = { leaf, hash: formatLeaf(leaf), misfiled: false, canonical: false };
  const event = parseObject(line);
  if (!event) return link;
  const { sequence, prevhash, type, subject, data } = event;
  const kind = kindOfType(type);
  if (kind !== undefined) link.kind = kind;
  link.canonical = kind !== undefined && isCanonical(event, line);
  if (typeof sequence === 'string' && SEQUENCE.test(sequence)) link.sequence = Number(sequence);
  if (typeof prevhash === 'string' && PREVHASH.test(prevhash)) link.prevhash = prevhash;
  const log = (data as { log?: unknown } | null | undefined)?.log;
  if (link.sequence === 1 && typeof log === 'string') link.logId = log;
  link.misfiled = seq !== link.sequence;
  if (columns) {
    const stated = indexColumns(kind ?? '', String(subject), data);
    link.misfiled ||=
      stated.kind !== columns.kind || stated.subject !== columns.subject || stated.task !== columns.task;
  }
  return link;
}

/** The bytes that a well-formed `prevhash` states. */
export function leafOf(prevhash: string): Buffer {
  return Buffer.from(prevhash.slice('sha256:'.length), 'hex');
}

function isCanonical(event: JsonObject, line: string): boolean {
  try {
    return canonicalJson(event) === line;
  } catch {
    return false; // JSON.parse takes lone surrogates, canonical JSON does not
  }
}
