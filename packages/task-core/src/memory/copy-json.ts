/** A deep copy of a JSON value, without members that are undefined: as if it had been written down and read again. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    // Assigning would set the prototype instead of a member of that name.
    if (key === '__proto__') Object.defineProperty(copy, key, { ...OWN, value: copyJson(member) });
    else copy[key] = copyJson(member);
  }
  return copy as T;
}

const OWN = { enumerable: true, configurable: true, writable: true };
