import { KernelError } from './errors.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/**
 * Serialises `value` by RFC 8785 (JSON Canonicalization Scheme): the same value always gives the same bytes.
 *
 * A member whose value is `undefined` is left out, as in `JSON.stringify`. Everything else that JSON cannot carry is refused
 * with `NOT_JSON` and the path to it: functions, symbols, bigints, NaN, infinities, lone surrogates, class instances.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw refuse(path, 'a number that is not finite');
      return JSON.stringify(value); // ECMAScript's number format is the one RFC 8785 §3.2.2.3 prescribes
    case 'string':
      return writeString(value, path);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`)).join(',')}]`;
      return writeObject(value as Record<string, unknown>, path);
    default:
      throw refuse(path, `a value of type ${typeof value}`);
  }
}

function writeString(value: string, path: string): string {
  if (!value.isWellFormed()) throw refuse(path, 'a string with a lone surrogate');
  return JSON.stringify(value);
}

function writeObject(value: Record<string, unknown>, path: string): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse(path, 'an object of a class');
  const members: string[] = [];
  // The default sort compares UTF-16 code units, which is what RFC 8785 §3.2.3 asks for.
  for (const key of Object.keys(value).sort()) {
    if (value[key] === undefined) continue;
    members.push(`${writeString(key, path)}:${write(value[key], `${path}.${key}`)}`);
  }
  return `{${members.join(',')}}`;
}

function refuse(path: string, what: string): KernelError {
  return new KernelError({ code: 'NOT_JSON', message: `${path} is ${what}, which JSON cannot carry.` });
}
