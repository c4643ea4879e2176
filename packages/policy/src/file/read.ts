import { suggestName } from '@signalbox/rules';
import type * as z from 'zod';
import type { KeyPath, PolicyDocument } from './document.js';
import { keysAt, MAX_ENTRIES, type PolicyFile, policyFile } from './schema.js';

/** Checks a document against the schema. Reports every problem and returns `null` if there is one. */
export function readPolicyFile(document: PolicyDocument): PolicyFile | null {
  if (document.data === undefined || hasTooMany(document)) return null;
  const result = policyFile.safeParse(document.data);
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(document, issue);
  return null;
}

/** Asked before the schema is, which would list the problems of every entry. */
function hasTooMany(document: PolicyDocument): boolean {
  let found = false;
  for (const section of ['rules', 'exceptions', 'tests']) {
    const entries = valueAt(document.data, [section]);
    if (!Array.isArray(entries) || entries.length <= MAX_ENTRIES) continue;
    const message = `A file may have ${MAX_ENTRIES} ${section}; this one has ${entries.length}.`;
    document.report('POLICY_SCHEMA', [section, MAX_ENTRIES], message);
    found = true;
  }
  return found;
}

function reportIssue(document: PolicyDocument, issue: z.core.$ZodIssue): void {
  const path = issue.path as KeyPath;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const near = suggestName(key, keysAt(issue.path));
      const advice = near ? ` Did you mean "${near}"?` : ` Known here: ${keysAt(issue.path).join(', ')}.`;
      document.report('POLICY_SCHEMA', path, `There is no key "${key}"${placeOf(path)}.${advice}`, { key });
    }
    return;
  }
  if (issue.code === 'invalid_value') {
    const written = valueAt(document.data, path);
    const near = typeof written === 'string' ? suggestName(written, issue.values.map(String)) : null;
    const known = issue.values.map((value) => JSON.stringify(value)).join(', ');
    const advice = near ? ` Did you mean "${near}"?` : '';
    const found = written === undefined ? 'is missing' : `is not ${JSON.stringify(written)}`;
    document.report('POLICY_SCHEMA', path, `${nameOf(path)} ${found}; it is one of ${known}.${advice}`);
    return;
  }
  const missing = valueAt(document.data, path) === undefined;
  document.report('POLICY_SCHEMA', path, missing ? `${nameOf(path)} is missing.` : `${nameOf(path)}: ${issue.message}`);
}

function nameOf(path: KeyPath): string {
  const name = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return name === '' ? 'The file' : name.replace(/^\./, '');
}

function placeOf(path: KeyPath): string {
  return path.length === 0 ? '' : ` in ${nameOf(path)}`;
}

function valueAt(data: unknown, path: KeyPath): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
