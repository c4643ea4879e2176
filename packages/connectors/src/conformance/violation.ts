/** What a case throws: what the connector did in one sentence, what to do about it in another. */
export function violation(what: string, hint: string): Error {
  return new Error(`${what} ${hint}`);
}

/** Throws a violation unless `holds`. */
export function must(holds: boolean, what: string, hint: string): asserts holds {
  if (!holds) throw violation(what, hint);
}

const SHOWN_CHARS = 300;

/** A value as part of a sentence. */
export function show(value: unknown): string {
  const text = value instanceof Error ? `${value.name}: ${value.message}` : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}
