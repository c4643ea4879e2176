import type { JsonObject } from '@signalbox/kernel';
import * as z from 'zod';
import { ENTRY_SCHEMAS } from './kinds.js';

/** What is wrong with an entry, and where in it. */
export interface EntryProblem {
  /** `kind`, `actor`, `subject`, or a path within the data: `data.locks.0.mode`. */
  at: string;
  message: string;
}

const ACTOR = /^(system|executor|(user|ai|workflow):.+)$/;
// Extensions and embedders write kinds of their own under a name of their own: x-acme.deployed.
const NAMESPACED = /^x-[a-z0-9][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$/;

/** Every kind of entry that Signalbox writes, sorted. */
export function entryKinds(): string[] {
  return Object.keys(ENTRY_SCHEMAS).sort();
}

/**
 * Everything that is wrong with an entry; empty if nothing is. A kind that is not in the registry is allowed only with a
 * namespace, `x-<name>.<what>`, and its data may then be anything.
 */
export function checkEntry(entry: { kind: string; actor: string; subject: string; data: JsonObject }): EntryProblem[] {
  const problems: EntryProblem[] = [];
  if (!ACTOR.test(entry.actor))
    problems.push({ at: 'actor', message: `"${entry.actor}" is not user:…, ai:…, workflow:… or system.` });
  if (entry.subject === '') problems.push({ at: 'subject', message: 'There is no subject.' });
  const schema = Object.hasOwn(ENTRY_SCHEMAS, entry.kind) ? ENTRY_SCHEMAS[entry.kind] : undefined;
  if (!schema) {
    if (!NAMESPACED.test(entry.kind))
      problems.push({
        at: 'kind',
        message: `"${entry.kind}" is not a known kind; a kind of your own is x-<name>.<what>.`,
      });
    return problems;
  }
  const parsed = schema.safeParse(entry.data);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push({ at: ['data', ...issue.path].join('.'), message: issue.message });
  }
  return problems;
}

/** The JSON Schema (draft 2020-12) of the data of every kind, for tools outside of Signalbox. */
export function entryJsonSchemas(): Record<string, JsonObject> {
  return Object.fromEntries(
    entryKinds().map((kind) => [kind, z.toJSONSchema(ENTRY_SCHEMAS[kind] as z.ZodType) as JsonObject]),
  );
}
