import type { Json } from '@signalbox/kernel';
import { isSecretName, redactAssignments, redactNamedValue } from './assignments.js';
import { redactPrivateKeys } from './pem.js';
import { redactTokens } from './tokens.js';

/**
 * Replaces what looks like a secret by `[redacted:<what>:<digits>]` (see `markSecret`): tokens of known shapes,
 * private keys also when cut, credentials in headers and URLs, and values assigned to a name such as `password` or `api_key`.
 * Git object ids, digests and our own ids stay. Redacting twice gives the same as once. Time is linear in the text.
 *
 * A secret of no known shape that stands under no telling name is not found: do not take this for a proof of absence.
 */
export function redactText(text: string): string {
  return redactAssignments(redactTokens(redactPrivateKeys(text)));
}

/**
 * {@link redactText} for every string of a JSON value, keys included. A whole string under a telling key, or after a flag
 * such as `--token` in a list of arguments, is judged like an assigned value.
 */
export function redactJson<T extends Json>(value: T): T {
  return redactJsonWith(value, redactText);
}

/** {@link redactJson} with another way to redact a text, which must find at least what {@link redactText} does. */
export function redactJsonWith<T extends Json>(value: T, redactString: (text: string) => string): T {
  const redact = (part: Json, name: string | undefined): Json => {
    if (typeof part === 'string') return (name !== undefined && redactNamedValue(name, part)) || redactString(part);
    if (Array.isArray(part)) return part.map((item, i) => redact(item, flagBefore(part, i) ?? name));
    if (typeof part !== 'object' || part === null) return part;
    const members = Object.entries(part).map(([key, member]): [string, Json] => [
      redactString(key),
      redact(member, isSecretName(key) ? key : undefined),
    ]);
    return Object.fromEntries(members);
  };
  return redact(value, undefined) as T;
}

function flagBefore(items: readonly Json[], index: number): string | undefined {
  const before = items[index - 1];
  return typeof before === 'string' && /^--?[A-Za-z]/.test(before) && isSecretName(before) ? before : undefined;
}
