import type { SecretSpan } from './spans.js';

/** A shorter value would be found in ordinary text everywhere. */
export const MIN_SECRET_LENGTH = 6;
/** Of a secret of several lines each line of this length counts as one of its own, since logs come line by line. */
const MIN_LINE_LENGTH = 16;
/** Shorter pieces of base64 also stand for other texts. */
const MIN_ENCODED_LENGTH = 8;

/** Every form in which a known secret is looked for. Longest first. */
export function formsOf(secrets: readonly string[]): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret, ...linesOf(secret)]) {
      for (const form of encode(value)) forms.add(form);
    }
  }
  return [...forms].filter((form) => form.length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}

/** All occurrences of the forms. Linear in the text, for each form. */
export function findForms(text: string, forms: readonly string[]): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
      spans.push({ from: at, to: at + form.length, what: 'known-secret' });
    }
  }
  return spans;
}

function linesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return lines.length < 2 ? [] : lines.filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----'));
}

function encode(value: string): string[] {
  const json = inJson(value);
  const percent = percentEncode(value);
  return [
    value,
    json,
    inJson(json), // JSON text within JSON text
    json.replaceAll('/', '\\/'),
    ascii(json, 'x'),
    ascii(json, 'X'),
    ...percent,
    ...percent.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    ...inBase64(value),
    ...hexadecimal(value),
  ];
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** As JSON writers do that keep to ASCII, in lower or upper case digits. */
function ascii(json: string, digits: 'x' | 'X'): string {
  return json.replace(/[\u007f-\uffff]/g, (char) => {
    const code = char.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${digits === 'x' ? code : code.toUpperCase()}`;
  });
}

function percentEncode(value: string): string[] {
  const text = value.toWellFormed();
  const strict = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [encodeURIComponent(text), strict, encodeURI(text), new URLSearchParams([['', text]]).toString().slice(1)];
}

/**
 * The value may stand anywhere in what was encoded, so it begins at one of three places within a group of four characters. Of
 * the ends only the characters count that no neighbour has a part in.
 */
function inBase64(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const whole = Math.floor(((shift + bytes.length) * 8) / 6);
    const inner = encoded.slice(Math.ceil((shift * 8) / 6), whole);
    if (inner.length < MIN_ENCODED_LENGTH) return [];
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_'), inner.replaceAll('/', '\\/')];
  });
}

function hexadecimal(value: string): string[] {
  const digits = Buffer.from(value).toString('hex');
  return [digits, digits.toUpperCase()];
}
