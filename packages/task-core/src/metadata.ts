import { canonicalJson, messageOf } from '@signalbox/kernel';

const MAX_DEPTH = 32;
const MAX_LENGTH = 1_000_000;

/** Why `value` cannot be a task's metadata (a JSON object, at most 32 levels deep and 1 MB long), or null. */
export function checkMetadata(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
  // Before anything walks it: a megabyte of brackets would exhaust the stack.
  if (isDeeper(value, MAX_DEPTH)) return `must not be nested more than ${MAX_DEPTH} levels deep`;
  try {
    return canonicalJson(value).length > MAX_LENGTH ? `must not be longer than ${MAX_LENGTH} characters` : null;
  } catch (error) {
    return messageOf(error).replace(/\.$/, '');
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
