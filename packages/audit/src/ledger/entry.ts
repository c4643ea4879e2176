import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import { writeJson } from './write-json.js';

/** What one line of the ledger says. */
export interface LedgerEntry {
  /** Place in the log, from 1, without gaps. */
  seq: number;
  /** `ent_…` */
  id: string;
  /** What happened: `task.claimed`. */
  kind: string;
  actor: string;
  subject: string;
  /** ISO 8601 in UTC. */
  time: string;
  data: JsonObject;
}

/** Where a new entry goes: everything of its line that is not the caller's to say. */
export interface EntryPlace {
  seq: number;
  id: string;
  time: string;
  /** CloudEvents `source`: which installation and project wrote it. */
  source: string;
  /** Leaf hash of the line before, or {@link NO_LEAF}. */
  previousLeaf: Uint8Array;
}

/** Stands for "no line before" in the first line. */
export const NO_LEAF: Uint8Array = new Uint8Array(32);

const KIND = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$/;
const TYPE = /^dev\.signalbox\.(.+)\.v1$/;
const SEQUENCE_DIGITS = 20;

/** `sha256:` and the hexadecimal form of a leaf hash, as `prevhash` carries it. */
export function formatLeaf(leaf: Uint8Array): string {
  return `sha256:${Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).toString('hex')}`;
}

/** Writes an entry as one CloudEvents 1.0 event in canonical JSON. Throws `ENTRY_INVALID`, or kernel's `NOT_JSON`. */
export function formatEntry(entry: JournalEntry, place: EntryPlace): string {
  if (!KIND.test(entry.kind)) throw invalid(`"${entry.kind}" is not the kind of an entry`);
  if (!entry.actor || !entry.subject)
    throw invalid(`The entry ${entry.kind} has no ${entry.actor ? 'subject' : 'actor'}`);
  // The members in canonical order, with only what varies written by the general writer: a third of the cost.
  return `{"actor":${writeJson(entry.actor)},"data":${writeJson(entry.data)},"datacontenttype":"application/json","id":${writeJson(place.id)},"prevhash":"${formatLeaf(place.previousLeaf)}","sequence":"${String(place.seq).padStart(SEQUENCE_DIGITS, '0')}","source":${writeJson(place.source)},"specversion":"1.0","subject":${writeJson(entry.subject)},"time":"${place.time}","type":"dev.signalbox.${entry.kind}.v1"}`;
}

/** Reads a stored line. Throws `LEDGER_DAMAGED` when it is not an entry that this version can read. */
export function parseEntry(seq: number, line: string): LedgerEntry {
  const event = parseObject(line);
  const kind = kindOfType(event?.['type']);
  const { id, actor, subject, time, data } = (event ?? {}) as Partial<LedgerEntry>;
  if (!kind || !isText(id) || !isText(actor) || !isText(subject) || !isText(time) || !isObject(data)) {
    throw new AuditError({
      code: 'LEDGER_DAMAGED',
      message: `Entry ${seq} of the ledger is not a version 1 entry.`,
      hint: 'Run `signalbox audit verify`; an older version cannot read what a newer one wrote.',
      details: { seq },
    });
  }
  return { seq, id, kind, actor, subject, time, data };
}

/** What the indexes need to know of an entry. `task` is the one that `data` names, if `subject` does not say it already. */
export function indexColumns(
  kind: string,
  subject: string,
  data: unknown,
): { kind: string; subject: string; task: string | null } {
  const task = isObject(data) && isText(data['task']) && subject !== `task/${data['task']}` ? data['task'] : null;
  return { kind, subject, task };
}

/** The kind within a CloudEvents `type`, or `undefined` if it is not one of ours. */
export function kindOfType(type: unknown): string | undefined {
  return isText(type) ? TYPE.exec(type)?.[1] : undefined;
}

/** Parses a line that should hold one JSON object; `undefined` if it does not. */
export function parseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): AuditError {
  return new AuditError({
    code: 'ENTRY_INVALID',
    message: `${message}.`,
    hint: 'A kind is words in lower case joined by dots, such as task.claimed; actor and subject are not empty.',
  });
}
